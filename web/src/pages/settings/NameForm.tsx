import { TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { asProblem } from "../../api/problem";
import { FormDialog } from "../../parts/FormDialog";

interface Props<Made> {
  title: string;
  label: string;
  hint: string;
  submit: string;
  make: (name: string) => Promise<Made>;
  onMade: (made: Made) => void;
  onClose: () => void;
}

/** Asks for a name and makes what is called so. */
export function NameForm<Made>({ title, label, hint, submit, make, onMade, onClose }: Props<Made>) {
  const [name, setName] = useState("");
  const making = useMutation({ mutationFn: () => make(name.trim()), onSuccess: onMade });
  return (
    <FormDialog
      title={title}
      submit={submit}
      onSubmit={() => making.mutate()}
      onClose={onClose}
      pending={making.isPending}
      error={making.error}
      fields={["name"]}
      disabled={name.trim() === ""}
      size={440}
    >
      <TextInput
        label={label}
        description={hint}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={making.error ? asProblem(making.error).of("name") : undefined}
        maxLength={200}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
      />
    </FormDialog>
  );
}
