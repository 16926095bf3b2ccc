/** How the attempts of a time ended, the most frequent first. */
import { IconChartBar } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { chart } from "../../api/campaign";
import type { Campaign } from "../../live/state";
import OutcomeBars from "../../parts/chart/OutcomeBars";
import { Empty } from "../../parts/Empty";
import { sum } from "../../parts/format";
import words from "../../words/en/campaign";
import messages from "../../words/en/messages";

const texts = words.charts;

export default function OutcomesChart({
  campaign,
  span,
}: {
  campaign: Campaign;
  span: number | null;
}) {
  const outcomes = useQuery(chart(campaign.id, span)).data?.outcomes ?? {};
  const total = sum(Object.values(outcomes));
  const said = campaign.channel === "voice" ? texts : messages.charts;
  return (
    <>
      <header>
        <h2>{texts.outcomes}</h2>
        <span className="dim num">{said.outcomesHint(total)}</span>
      </header>
      {total === 0 ? (
        <Empty
          icon={<IconChartBar size={30} stroke={1.5} />}
          title={said.nothing}
          hint={said.nothingHint}
        />
      ) : (
        <OutcomeBars
          outcomes={outcomes}
          nameOf={campaign.channel === "voice" ? nameOfCalls : nameOfMessages}
        />
      )}
    </>
  );
}

function nameOfCalls(outcome: string): string {
  return words.outcomes[outcome] ?? outcome;
}

function nameOfMessages(outcome: string): string {
  return messages.outcomes[outcome] ?? outcome;
}
