import { Center, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  icon?: ReactNode;
  title: string;
  /** What to do first. */
  hint?: ReactNode;
  /** The button that does it. */
  action?: ReactNode;
}

/** Nothing here yet: says what to do first. */
export function Empty({ icon, title, hint, action }: Props) {
  return (
    <Center mih={220} p="xl">
      <Stack align="center" gap={6} maw={440}>
        <span aria-hidden style={{ color: "var(--dim)", lineHeight: 0 }}>
          {icon}
        </span>
        <Text fw={600} mt={4} ta="center">
          {title}
        </Text>
        {hint && (
          <Text size="sm" c="dimmed" ta="center">
            {hint}
          </Text>
        )}
        {action && <div style={{ marginTop: 10 }}>{action}</div>}
      </Stack>
    </Center>
  );
}
