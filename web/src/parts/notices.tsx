/** What is said in the corner: done, refused, and done but to be taken back. */
import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";

import { asProblem } from "../api/problem";
import words from "../words/en/parts";

/** It worked. */
export function said(message: string): void {
  notifications.show({ message });
}

/** It did not; the server says why. For what has no place of its own on the page. */
export function refused(error: unknown): void {
  const problem = asProblem(error);
  notifications.show({
    title: words.refused,
    message: problem.message,
    color: "red",
    autoClose: 12_000,
    role: "alert",
  });
}

const UNDO_MS = 12_000;

/** It worked, and this takes it back. */
export function undoable(message: string, undo: () => Promise<unknown>): void {
  const id = notifications.show({
    autoClose: UNDO_MS,
    withCloseButton: false,
    message: (
      <Group justify="space-between" wrap="nowrap">
        <span style={{ overflowWrap: "anywhere" }}>{message}</span>
        <Button
          size="compact-sm"
          variant="light"
          onClick={() => {
            notifications.hide(id);
            undo().then(() => said(words.undone), refused);
          }}
        >
          {words.undo}
        </Button>
      </Group>
    ),
  });
}
