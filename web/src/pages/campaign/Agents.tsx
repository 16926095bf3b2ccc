import { IconVolume } from "@tabler/icons-react";

import { Empty } from "../../parts/Empty";
import words from "../../words/en/campaign";

/** Who takes the campaign's conversations: nobody, as it plays a message. */
export function Agents() {
  return (
    <div className="card">
      <Empty
        icon={<IconVolume size={32} stroke={1.5} />}
        title={words.agents.title}
        hint={words.agents.hint}
      />
    </div>
  );
}
