/** A form in a dialog: what the server refuses is said at the field, or above where it has none. */
import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { IconAlertCircle, IconPlayerPlayFilled } from "@tabler/icons-react";
import type { FormEvent, ReactNode } from "react";

import { asProblem } from "../api/problem";
import common from "../words/en/common";

interface Props {
  title: string;
  submit: string;
  onSubmit: () => void;
  onClose: () => void;
  pending?: boolean;
  error?: unknown;
  /** The names of the fields that show their own errors. */
  fields?: readonly string[];
  disabled?: boolean;
  /** It resumes something: the button says so, and is where Enter goes. */
  resumes?: boolean;
  size?: number;
  children: ReactNode;
}

export function FormDialog(props: Props) {
  const { title, submit, onSubmit, onClose, error, disabled, resumes, children } = props;
  const { pending = false, fields = [] } = props;
  const problem = error ? asProblem(error) : null;
  const placed = problem?.fields.some(({ field }) => fields.includes(field)) ?? false;
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (!disabled) onSubmit();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={
        <Text fw={650} style={{ overflowWrap: "anywhere" }}>
          {title}
        </Text>
      }
      size={props.size ?? 520}
      centered
      closeButtonProps={{ "aria-label": common.close }}
    >
      <form onSubmit={send}>
        <Stack gap="md">
          {problem && !placed && (
            <Alert color="red" role="alert" icon={<IconAlertCircle size={18} />}>
              {problem.message}
            </Alert>
          )}
          {children}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {common.cancel}
            </Button>
            <Button
              type="submit"
              loading={pending}
              disabled={disabled}
              leftSection={resumes && <IconPlayerPlayFilled size={16} aria-hidden />}
              data-autofocus={resumes || undefined}
            >
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
