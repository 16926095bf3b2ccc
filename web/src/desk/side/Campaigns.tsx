/** The campaigns that are the agent's, and which of them the next calls come from. */
import { useDesk } from "../store";
import { whenWithoutZone } from "../../parts/format";
import { StatusBadge } from "../../parts/StatusBadge";
import words from "../../words/en/desk";
import classes from "../Desk.module.css";
import { Card } from "../parts";

const texts = words.campaigns;

export function Campaigns() {
  const { campaigns, next } = useDesk();
  return (
    <Card title={texts.title}>
      {campaigns.length === 0 ? (
        <p className={classes.none}>
          <strong>{texts.none}.</strong> {texts.noneHint}
        </p>
      ) : (
        <ul className={classes.campaigns}>
          {campaigns.map(({ id, name, status, pause, priority }) => (
            <li key={id} data-next={next?.campaign.id === id || undefined}>
              <span className={classes.campaignName} title={texts.priority(priority)}>
                {name}
              </span>
              <StatusBadge status={status} />
              {pause && (
                <small>
                  {pause.reason
                    ? texts.pausedBecause(pause.by, pause.reason, whenWithoutZone(pause.since))
                    : texts.pausedBy(pause.by, whenWithoutZone(pause.since))}
                </small>
              )}
              {next?.campaign.id === id && <small className={classes.next}>{texts.next}</small>}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
