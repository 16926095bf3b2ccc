/** What a form in a dialog does when it is sent: asks the server, says that it worked, and closes. */
import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";

import { asProblem } from "../api/problem";
import { said } from "./notices";

interface Order<Saved> {
  save: () => Promise<Saved>;
  /** What is said once it worked; null: nothing. */
  says: (saved: Saved) => string | null;
  /** What is then asked for anew. */
  stale: QueryKey;
  onSaved?: (saved: Saved) => void;
  onClose: () => void;
}

export function useSave<Saved>({ save, says, stale, onSaved, onClose }: Order<Saved>) {
  const client = useQueryClient();
  const saving = useMutation({
    mutationFn: save,
    onSuccess: (saved) => {
      const sentence = says(saved);
      if (sentence !== null) said(sentence);
      void client.invalidateQueries({ queryKey: stale });
      onSaved?.(saved);
      onClose();
    },
  });
  return {
    /** What the server says is wrong with a field. */
    wrong: (field: string) => (saving.error ? asProblem(saving.error).of(field) : undefined),
    /** For the `FormDialog`. */
    form: {
      onSubmit: () => saving.mutate(),
      onClose,
      pending: saving.isPending,
      error: saving.error,
    },
  };
}
