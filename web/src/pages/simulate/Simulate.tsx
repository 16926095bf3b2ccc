/** What a shift would come to: describe it, compute it under several pacings, compare. */
import { Alert, Button } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { IconAlertCircle, IconChartDots3 } from "@tabler/icons-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useSearchParams } from "wouter";

import { asProblem, type Problem } from "../../api/problem";
import { simulationOf, startSimulation } from "../../api/simulations";
import { Empty } from "../../parts/Empty";
import { decimal } from "../../parts/format";
import { Page } from "../../parts/Page";
import { Waiting } from "../../parts/Waiting";
import words from "../../words/en/simulate";
import { agentHours, type Draft, draftOf, FIRST, requestOf } from "./draft";
import { Form } from "./Form";
import { Results } from "./Results";
import classes from "./Simulate.module.css";

const KEPT_AS = "caesura.simulate";
const RUN = "run";

export default function Simulate() {
  const [draft, setDraft] = useDraft();
  const [params, setParams] = useSearchParams();
  const run = params.get(RUN);
  const show = (id: string | null): void => setParams(id === null ? {} : { [RUN]: id }, { replace: true });
  const results = useRef<HTMLElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const found = useQuery({ ...simulationOf(run ?? ""), enabled: run !== null });
  const starting = useMutation({
    mutationFn: () => startSimulation(requestOf(draft)),
    onSuccess: ({ id }) => {
      show(id);
      results.current?.scrollIntoView({ block: "nearest" });
    },
  });
  const problem = starting.error ? asProblem(starting.error) : null;
  useEffect(() => {
    if (problem) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problem]); // eslint-disable-line -- only when another problem comes
  const computing = run !== null && found.data?.state === "running";
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (draft.pacings.length > 0 && !computing) starting.mutate();
  };
  return (
    <Page title={words.title} beside={<span className="dim">{words.lead}</span>}>
      <div className={classes.columns}>
        <form ref={form} className={classes.form} aria-label={words.form} onSubmit={submit}>
          <Form draft={draft} onChange={setDraft} problem={problem} />
          <div className={classes.bar}>
            {problem && <Refused problem={problem} onShow={show} />}
            <span className={`dim num ${classes.summary}`}>{words.summary(decimal(agentHours(draft), 1, 0), draft.pacings.length)}</span>
            <Button variant="subtle" color="gray" size="compact-sm" onClick={() => setDraft(FIRST)}>
              {words.reset}
            </Button>
            <Button
              type="submit"
              loading={starting.isPending}
              disabled={computing || draft.pacings.length === 0}
            >
              {words.run}
            </Button>
          </div>
        </form>
        <section ref={results} className={classes.results} aria-label={words.results}>
          {run === null ? (
            <Nothing />
          ) : found.isPending ? (
            <Waiting />
          ) : found.data ? (
            <Results simulation={found.data} onCancelled={() => show(null)} />
          ) : (
            <Alert color="yellow" icon={<IconAlertCircle size={18} />} role="status">
              {asProblem(found.error).status === 404 ? words.gone : asProblem(found.error).message}
            </Alert>
          )}
        </section>
      </div>
    </Page>
  );
}

/** Kept in this tab, so that a reload loses nothing. */
function useDraft(): [Draft, (draft: Draft) => void] {
  const [draft, setDraft] = useState<Draft>(() => draftOf(sessionStorage.getItem(KEPT_AS)) ?? FIRST);
  return [
    draft,
    (next) => {
      sessionStorage.setItem(KEPT_AS, JSON.stringify(next));
      setDraft(next);
    },
  ];
}

function Refused({ problem, onShow }: { problem: Problem; onShow: (id: string) => void }) {
  const other = problem.body["simulation"];
  const named = problem.fields.length > 0;
  return (
    <Alert color="red" role="alert" p="xs" w="100%" icon={<IconAlertCircle size={18} />}>
      {named ? words.wrongFields : problem.message}
      {typeof other === "string" && (
        <Button variant="default" size="compact-sm" ml="xs" onClick={() => onShow(other)}>
          {words.showOther}
        </Button>
      )}
    </Alert>
  );
}

function Nothing() {
  return (
    <div className="card">
      <Empty
        icon={<IconChartDots3 size={32} stroke={1.5} />}
        title={words.emptyTitle}
        hint={words.emptyHint}
      />
    </div>
  );
}
