/** The message as the first contacts of the lists would get it. */
import { Alert } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { IconAlertTriangle } from "@tabler/icons-react";

import type { Settings } from "../../api/campaign";
import { asProblem } from "../../api/problem";
import { messagesPreview } from "../../api/providers";
import { count, sum } from "../../parts/format";
import words from "../../words/en/messages";
import classes from "./NewCampaign.module.css";

const texts = words.preview;

export function MessagePreview({ lists, settings }: { lists: readonly string[]; settings: Settings }) {
  const [settled] = useDebouncedValue(settings, 300);
  const written = (settled.text?.template ?? "").trim() !== "";
  const asked = useQuery({
    ...messagesPreview(lists, settled),
    enabled: written && lists.length > 0 && settled.channel !== "voice",
  });
  const found = asked.data;
  return (
    <section className={classes.panel} aria-label={texts.title}>
      <h2>{texts.title}</h2>
      <p className={classes.lead}>{lists.length === 0 ? texts.noLists : texts.lead}</p>
      {asked.error && (
        <Alert color="red" role="alert" icon={<IconAlertTriangle size={18} />}>
          {asProblem(asked.error).message}
        </Alert>
      )}
      {written && found && (
        <>
          {Object.keys(found.problems).length > 0 && (
            <Alert color="amber" role="status" icon={<IconAlertTriangle size={18} />}>
              {texts.problems(sum(Object.values(found.problems)), found.looked_at)}
              <ul className={classes.missing}>
                {Object.entries(found.problems).map(([why, n]) => (
                  <li key={why}>
                    {count(n)} {why.replaceAll("_", " ")}
                  </li>
                ))}
              </ul>
            </Alert>
          )}
          {found.messages.map((each) => (
            <figure key={`${each.list} ${each.list_line}`} className={classes.bubble}>
              <figcaption className="dim num">{texts.to(each.to, each.sender)}</figcaption>
              {each.subject && <strong>{each.subject}</strong>}
              <blockquote>{each.text ?? each.problem}</blockquote>
              {each.segments !== null && (
                <small className="dim num">
                  {texts.segments(each.segments, each.alphabet ?? "gsm", each.characters ?? 0)}
                  {each.not_gsm && <> · {texts.notGsm(each.not_gsm)}</>}
                </small>
              )}
            </figure>
          ))}
        </>
      )}
    </section>
  );
}
