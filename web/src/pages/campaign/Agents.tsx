import { IconMessage2, IconVolume } from "@tabler/icons-react";

import { Empty } from "../../parts/Empty";
import words from "../../words/en/campaign";
import messages from "../../words/en/messages";

/** Who takes the campaign's conversations: nobody, as it plays or sends a message. */
export function Agents({ voice }: { voice: boolean }) {
  const texts = voice ? words.agents : messages.agents;
  return (
    <div className="card">
      <Empty
        icon={voice ? <IconVolume size={32} stroke={1.5} /> : <IconMessage2 size={32} stroke={1.5} />}
        title={texts.title}
        hint={texts.hint}
      />
    </div>
  );
}
