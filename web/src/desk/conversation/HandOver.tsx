/** To whom the conversation goes. */
import { CloseButton, TextInput, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconArrowRight, IconSearch, IconUsers } from "@tabler/icons-react";
import { useState } from "react";

import { colleagues, handOver } from "../../api/desk";
import { Failure } from "../../parts/Failure";
import common from "../../words/en/common";
import words from "../../words/en/desk";
import classes from "../Desk.module.css";
import { Said } from "../parts";
import { useOrder } from "../store";

const texts = words.handOver;

export function HandOver({ onClose }: { onClose: () => void }) {
  const found = useQuery(colleagues);
  const [search, setSearch] = useState("");
  const order = useOrder(handOver);
  const all = found.data ?? [];
  const shown = all.filter(({ name }) => name.toLowerCase().includes(search.trim().toLowerCase()));
  const give = (to: string | null): void => void order.send(to).then((done) => done && onClose());
  return (
    <div
      className={classes.handOver}
      role="dialog"
      aria-label={texts.title}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <header>
        <h3>{texts.title}</h3>
        <CloseButton aria-label={common.close} onClick={onClose} />
      </header>
      {found.error && !found.data ? (
        <Failure problem={found.error} again={() => void found.refetch()} />
      ) : (
        <>
          <TextInput
            aria-label={texts.search}
            placeholder={texts.search}
            leftSection={<IconSearch size={16} aria-hidden />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            autoFocus
          />
          <ul className={classes.colleagues}>
            {search === "" && all.some(({ free }) => free) && (
              <li>
                <UnstyledButton onClick={() => give(null)} disabled={order.pending}>
                  <IconUsers size={16} aria-hidden />
                  <span>{texts.anybody}</span>
                  <IconArrowRight size={16} aria-hidden />
                </UnstyledButton>
              </li>
            )}
            {shown.map(({ name, presence, free }) => (
              <li key={name}>
                <UnstyledButton onClick={() => give(name)} disabled={!free || order.pending}>
                  <i data-free={free || undefined} aria-hidden />
                  <span>{name}</span>
                  <small>{free ? texts.free : words.presence[presence]}</small>
                </UnstyledButton>
              </li>
            ))}
          </ul>
          {!found.isPending && shown.length === 0 && (
            <p className={classes.none}>{all.length === 0 ? texts.nobody : texts.notFound}</p>
          )}
        </>
      )}
      <Said of={order} />
    </div>
  );
}
