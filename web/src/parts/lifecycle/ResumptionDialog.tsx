/** When a paused campaign resumes: sooner, later, on a condition, or when somebody does. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import type { Campaign } from "../../live/state";
import words from "../../words/en/lifecycle";
import { FormDialog } from "../FormDialog";
import * as actions from "./actions";
import { HowLong } from "./HowLong";
import { type Until, untilOf, whenOf } from "./until";

const texts = words.resumption;

export default function ResumptionDialog({
  campaign,
  onClose,
}: {
  campaign: Campaign;
  onClose: () => void;
}) {
  const [until, setUntil] = useState<Until>({ kind: "minutes", minutes: 45 });
  const [checked, setChecked] = useState(false);
  const resumeAt = untilOf(until, new Date());
  const change = useMutation({
    mutationFn: () =>
      actions.changeResumption(campaign, {
        until: resumeAt instanceof Date ? resumeAt.toISOString() : null,
        when: whenOf(until),
      }),
    onSuccess: onClose,
  });
  const submit = (): void => {
    setChecked(true);
    if (resumeAt !== "wrong") change.mutate();
  };
  return (
    <FormDialog
      title={texts.title(campaign.name)}
      submit={texts.save}
      onSubmit={submit}
      onClose={onClose}
      pending={change.isPending}
      error={change.error}
      size={560}
    >
      <HowLong
        until={until}
        onChange={setUntil}
        checked={checked}
        resumeAt={resumeAt}
        campaign={campaign.id}
      />
    </FormDialog>
  );
}
