import { Center, Loader } from "@mantine/core";

import words from "../words/en/common";

/** Something is on its way. */
export function Waiting({ fill = false }: { fill?: boolean }) {
  return (
    <Center h={fill ? "100dvh" : 240} role="status" aria-label={words.loading}>
      <Loader size="sm" type="dots" color="gray" />
    </Center>
  );
}
