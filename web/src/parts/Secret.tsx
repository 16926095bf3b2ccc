/** A password or key that is shown once, with a button that copies it. */
import { Alert, Button, CopyButton, Group, Modal, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconCopy } from "@tabler/icons-react";

import common from "../words/en/common";
import words from "../words/en/parts";

interface Props {
  title: string;
  /** What it is for, and what happens with it. */
  lead: string;
  secret: string;
  onClose: () => void;
}

export function SecretDialog({ title, lead, secret, onClose }: Props) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={<Text fw={650}>{title}</Text>}
      size={520}
      centered
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": common.close }}
    >
      <Stack gap="md">
        <Text size="sm">{lead}</Text>
        <Group gap="xs" wrap="nowrap" align="stretch">
          <Text
            component="output"
            className="mono"
            p="xs"
            style={{
              flex: 1,
              background: "var(--surface-2)",
              border: "1px solid var(--line)",
              borderRadius: 8,
              overflowWrap: "anywhere",
              userSelect: "all",
            }}
          >
            {secret}
          </Text>
          <CopyButton value={secret}>
            {({ copied, copy }) => (
              <Button
                variant="default"
                h="auto"
                onClick={copy}
                data-autofocus
                leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
              >
                {copied ? common.copied : common.copy}
              </Button>
            )}
          </CopyButton>
        </Group>
        <Alert color="amber" variant="light" icon={<IconAlertTriangle size={18} />}>
          {words.shownOnce}
        </Alert>
        <Group justify="flex-end">
          <Button onClick={onClose}>{words.keptIt}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
