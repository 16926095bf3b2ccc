/** How many people found no agent: the two ledgers, by both formulas, against the target. */
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { type Abandonment, abandonment } from "../../api/campaign";
import type { Campaign } from "../../live/state";
import { count, percent } from "../../parts/format";
import words from "../../words/en/campaign";
import classes from "./Overview.module.css";

const texts = words.ledgers;

export function Ledgers({ campaign }: { campaign: Campaign }) {
  const found = useQuery(abandonment(campaign.id)).data;
  if (!found) return null;
  return (
    <section className={`card ${classes.ledgers}`} aria-labelledby="ledgers">
      <header>
        <h2 id="ledgers">{texts.title}</h2>
        {found.target !== null && <span className="dim">{texts.target(percent(found.target))}</span>}
      </header>
      <div className={classes.scroll} tabIndex={0} role="group" aria-labelledby="ledgers">
        <table>
          <thead>
            <tr>
              <td />
              <th scope="col">{texts.answered}</th>
              <th scope="col">{texts.abandoned}</th>
              <th scope="col" title={texts.usSource}>
                {texts.us}
              </th>
              <th scope="col" title={texts.ukSource}>
                {texts.uk}
              </th>
              {found.target !== null && <th scope="col">{texts.left}</th>}
            </tr>
          </thead>
          <tbody>
            <Ledger name={texts.day} ledger={found.day} target={found.target} />
            <Ledger name={texts.days} ledger={found.days} target={found.target} />
          </tbody>
        </table>
      </div>
    </section>
  );
}

interface Props {
  name: string;
  ledger: Abandonment["day"];
  target: number | null;
}

function Ledger({ name, ledger, target }: Props) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{count(ledger.answered)}</td>
      <td>{count(ledger.abandoned)}</td>
      <Rate rate={ledger.us_rate} target={target} />
      <Rate rate={ledger.uk_rate} target={target} />
      {ledger.left !== null && <td>{ledger.left < 1 ? texts.none : count(Math.floor(ledger.left))}</td>}
    </tr>
  );
}

function Rate({ rate, target }: { rate: number | null; target: number | null }) {
  const over = rate !== null && target !== null && rate > target;
  return (
    <td data-over={over || undefined}>
      {over && <IconAlertTriangle size={14} role="img" aria-label={texts.over} />} {percent(rate, 2)}
    </td>
  );
}
