/** How far a simulation is; then each pacing's figures, side by side, and their course. */
import { Alert, Button, Progress, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { IconAlertCircle, IconX } from "@tabler/icons-react";
import { lazy, Suspense } from "react";

import { asProblem } from "../../api/problem";
import { cancelSimulation, type Simulation } from "../../api/simulations";
import { sum } from "../../parts/format";
import { said } from "../../parts/notices";
import { Section } from "../../parts/Section";
import { Waiting } from "../../parts/Waiting";
import words from "../../words/en/simulate";
import { Comparison } from "./Comparison";
import { clockOf } from "./draft";
import { nameOf, waiting } from "./figures";
import classes from "./Simulate.module.css";

const Plots = lazy(() => import("./Plots"));

interface Props {
  simulation: Simulation;
  onCancelled: () => void;
}

export function Results({ simulation, onCancelled }: Props) {
  const { state, results, shift } = simulation;
  const lead = [
    words.of(shift.agents, String(shift.hours), clockOf(shift.starts_at_s)),
    state === "running"
      ? words.startedBy(simulation.started_by)
      : words.computed(sum(results.map((each) => each.computing_s))),
  ].join(" · ");
  return (
    <>
      {state === "running" && <Running simulation={simulation} onCancelled={onCancelled} />}
      {state === "failed" && (
        <Alert color="red" role="alert" icon={<IconAlertCircle size={18} />} mb="md">
          {words.failed} {simulation.error}
        </Alert>
      )}
      {results.length > 0 && (
        <>
          <Section title={words.table} lead={lead}>
            <Comparison simulation={simulation} />
          </Section>
          <Suspense fallback={<Waiting />}>
            <Plots simulation={simulation} />
          </Suspense>
        </>
      )}
    </>
  );
}

function Running({ simulation, onCancelled }: Props) {
  const cancelling = useMutation({
    mutationFn: () => cancelSimulation(simulation.id),
    onSuccess: () => {
      said(words.cancelled);
      onCancelled();
    },
  });
  const [now, ...next] = waiting(simulation).map(shownName);
  return (
    <div className={`card ${classes.running}`} role="status">
      <div className={classes.runningHead}>
        <Text fw={640}>{words.running(now ?? "")}</Text>
        <Button
          variant="default"
          size="compact-md"
          leftSection={<IconX size={15} aria-hidden />}
          loading={cancelling.isPending}
          onClick={() => cancelling.mutate()}
        >
          {words.cancel}
        </Button>
      </div>
      <Progress value={100 * simulation.done} size="md" aria-label={words.progress} />
      <Text size="sm" c="dimmed" className="num">
        {[words.done(simulation.done), ...(next.length > 0 ? [words.next(next.join(", "))] : [])].join(
          " · ",
        )}
      </Text>
      {cancelling.error && (
        <Text size="sm" c="red" role="alert">
          {asProblem(cancelling.error).message}
        </Text>
      )}
    </div>
  );
}

export function shownName(pacing: string): string {
  const { title } = nameOf(pacing);
  return words.choices[title] ?? title;
}
