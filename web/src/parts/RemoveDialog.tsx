/** Asks before something goes that no undo brings back; says what the server answers if it refuses. */
import { Alert, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";

import { asProblem } from "../api/problem";
import common from "../words/en/common";
import words from "../words/en/parts";

interface Props {
  title: string;
  /** What is lost. */
  children: ReactNode;
  /** To be typed before the button works; null: a click is enough. */
  name: string | null;
  confirm: string;
  remove: () => Promise<unknown>;
  onClose: () => void;
  onDone?: () => void;
}

export function RemoveDialog({ title, children, name, confirm, remove, onClose, onDone }: Props) {
  const [typed, setTyped] = useState("");
  const order = useMutation({
    mutationFn: remove,
    onSuccess: () => {
      onClose();
      onDone?.();
    },
  });
  const ready = name === null || typed.trim() === name;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (ready) order.mutate();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={<Text fw={650}>{title}</Text>}
      size={480}
      centered
      closeButtonProps={{ "aria-label": common.close }}
    >
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm" component="div">
            {children}
          </Text>
          {order.error && (
            <Alert color="red" role="alert" title={words.refused}>
              {asProblem(order.error).message}
            </Alert>
          )}
          {name !== null && (
            <TextInput
              label={words.typeToConfirm(name)}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
              data-autofocus
            />
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {common.cancel}
            </Button>
            <Button type="submit" color="red" disabled={!ready} loading={order.isPending}>
              {confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
