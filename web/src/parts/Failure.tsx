import { Button, Center, Stack, Text } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";

import { asProblem } from "../api/problem";
import words from "../words/en/common";

interface Props {
  problem: unknown;
  again?: () => void;
  /** Over the whole window rather than in a part of the page. */
  fill?: boolean;
}

/** What went wrong, and what to do next. */
export function Failure({ problem, again, fill = false }: Props) {
  const known = asProblem(problem);
  return (
    <Center mih={fill ? "100dvh" : 240} p="lg" role="alert">
      <Stack align="center" gap="xs" maw={420}>
        <IconPlugConnectedX size={28} stroke={1.6} color="var(--dim)" aria-hidden />
        <Text fw={600}>{words.failedTitle}</Text>
        <Text size="sm" c="dimmed" ta="center">
          {known.message} {known.isAway && words.awayHint}
        </Text>
        {again && (
          <Button variant="default" size="sm" mt="xs" onClick={again}>
            {words.retry}
          </Button>
        )}
      </Stack>
    </Center>
  );
}
