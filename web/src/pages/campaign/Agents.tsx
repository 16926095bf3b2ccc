import { IconMessage2, IconVolume } from "@tabler/icons-react";

import { Empty } from "../../parts/Empty";
import words from "../../words/en/campaign";
import messages from "../../words/en/messages";

/** Who takes the campaign's conversations: nobody, as it plays or sends a message. */
export function Agents({ channel }: { channel: string }) {
  const voice = channel === "voice";
  const texts = voice ? words.agents : messages.agents;
  const hint = channel === "email" ? messages.agents.hintEmail : texts.hint;
  return (
    <div className="card">
      <Empty
        icon={voice ? <IconVolume size={32} stroke={1.5} /> : <IconMessage2 size={32} stroke={1.5} />}
        title={texts.title}
        hint={hint}
      />
    </div>
  );
}
