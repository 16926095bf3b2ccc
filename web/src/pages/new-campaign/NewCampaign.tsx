/** A new campaign, step by step; the last step shows what it will do before it does anything. */
import { Button } from "@mantine/core";
import { useSessionStorage } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { IconArrowLeft, IconArrowRight, IconCheck } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { Link, useSearch } from "wouter";

import { planOf } from "../../api/plan";
import { useCampaignNames } from "../../parts/campaignNames";
import { Failure } from "../../parts/Failure";
import { Page } from "../../parts/Page";
import { Waiting } from "../../parts/Waiting";
import words from "../../words/en/wizard";
import { Check } from "./Check";
import { type Draft, isDone, type Step, STEPS, titleOf } from "./draft";
import classes from "./NewCampaign.module.css";
import { HoursStep, ListsStep, MessageStep, NameStep, NumbersStep, PaceStep } from "./steps";

/** Kept while the tab is open, so that a look at another page loses nothing. */
const KEPT = "new-campaign";

interface Kept {
  draft: Draft;
  step: Step;
}

export default function NewCampaign() {
  const [kept, keep, forget] = useSessionStorage<Kept | null>({
    key: KEPT,
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  // The server's defaults are where every campaign begins.
  const defaults = useQuery({ ...planOf([], null), enabled: kept === null });
  const list = new URLSearchParams(useSearch()).get("list");
  const settings = defaults.data?.settings;
  useEffect(() => {
    if (kept === null && settings) {
      keep({ draft: { name: "", lists: list ? [list] : [], settings }, step: "name" });
    }
  }, [kept, keep, settings, list]);
  return (
    <Page
      title={words.title}
      actions={
        <Button component={Link} href="/campaigns" variant="default">
          {words.leave}
        </Button>
      }
    >
      {kept !== null ? (
        <Wizard kept={kept} keep={keep} forget={forget} />
      ) : defaults.error ? (
        <Failure problem={defaults.error} again={() => void defaults.refetch()} />
      ) : (
        <Waiting />
      )}
    </Page>
  );
}

function nameOf(step: Step, draft: Draft): string {
  return words.steps[titleOf(step, draft)];
}

interface WizardProps {
  kept: Kept;
  keep: (kept: Kept) => void;
  forget: () => void;
}

function Wizard({ kept, keep, forget }: WizardProps) {
  const { draft, step } = kept;
  const taken = useCampaignNames();
  const at = STEPS.indexOf(step);
  const body = useRef<HTMLDivElement>(null);
  const change = (next: Partial<Draft>): void => keep({ draft: { ...draft, ...next }, step });
  const go = (to: Step): void => {
    keep({ draft, step: to });
    window.scrollTo(0, 0);
    body.current?.focus();
  };
  const props = { draft, change, taken, onNext: () => go(STEPS[at + 1] ?? "check") };
  return (
    <div className={classes.wizard}>
      <nav aria-label={words.stepsLabel} className={classes.steps}>
        <ol>
          {STEPS.map((each, index) => {
            const done = isDone(each, draft, taken);
            return (
              <li key={each}>
                <button
                  type="button"
                  className={classes.step}
                  data-here={each === step || undefined}
                  data-done={done || undefined}
                  aria-current={each === step ? "step" : undefined}
                  onClick={() => go(each)}
                >
                  <span className={classes.mark} aria-hidden>
                    {done && each !== step ? <IconCheck size={14} stroke={2.4} /> : index + 1}
                  </span>
                  <span className={classes.stepName}>{nameOf(each, draft)}</span>
                  {done && <span className="hidden-text">, {words.done}</span>}
                </button>
              </li>
            );
          })}
        </ol>
        <p className={classes.where}>{words.stepOf(at + 1, STEPS.length, nameOf(step, draft))}</p>
      </nav>
      <div>
        <div ref={body} tabIndex={-1} className={classes.body}>
          {step === "name" && <NameStep {...props} />}
          {step === "lists" && <ListsStep {...props} />}
          {step === "message" && <MessageStep {...props} />}
          {step === "numbers" && <NumbersStep {...props} />}
          {step === "hours" && <HoursStep {...props} />}
          {step === "pace" && <PaceStep {...props} />}
          {step === "check" && <Check draft={draft} taken={taken} go={go} onMade={forget} />}
        </div>
        {step !== "check" && (
          <footer className={classes.foot}>
            <Button
              variant="default"
              disabled={at === 0}
              onClick={() => go(STEPS[at - 1] ?? "name")}
              leftSection={<IconArrowLeft size={16} aria-hidden />}
            >
              {words.back}
            </Button>
            <Button
              onClick={props.onNext}
              rightSection={<IconArrowRight size={16} aria-hidden />}
              disabled={step === "name" && !isDone("name", draft, taken)}
            >
              {words.next}
            </Button>
          </footer>
        )}
      </div>
    </div>
  );
}
