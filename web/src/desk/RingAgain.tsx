/** Has the agent's own telephone called again. */
import { Button } from "@mantine/core";
import { IconPhoneRinging } from "@tabler/icons-react";

import { ringPhone } from "../api/desk";
import words from "../words/en/desk";
import { Said } from "./parts";
import { useOrder } from "./store";

export function RingAgain({ size = "compact-sm" }: { size?: "compact-sm" | "md" }) {
  const ring = useOrder(ringPhone);
  return (
    <>
      <Button
        size={size}
        mt={size === "md" ? "md" : 0}
        loading={ring.pending}
        leftSection={<IconPhoneRinging size={16} aria-hidden />}
        onClick={() => void ring.send()}
      >
        {words.phone.again}
      </Button>
      <Said of={ring} />
    </>
  );
}
