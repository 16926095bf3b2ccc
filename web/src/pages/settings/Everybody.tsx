import { NumberInput, Radio, Stack, Switch } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { putSystemSettings, systemSettings, useSystemSettings } from "../../api/systemSettings";
import { Failure } from "../../parts/Failure";
import { when } from "../../parts/format";
import { refused, undoable } from "../../parts/notices";
import { Section } from "../../parts/Section";
import { Waiting } from "../../parts/Waiting";
import { ZoneSelect } from "../../parts/ZoneSelect";
import words from "../../words/en/settings";
import classes from "./Settings.module.css";

const texts = words.everybody;
const POLICIES = ["always", "in_flight", "never"] as const;

/** The settings of the whole system. A change holds at once and can be taken back. */
export default function Everybody() {
  const found = useSystemSettings();
  const client = useQueryClient();
  // What was asked for shows at once; if it is refused, what stands shows again. A state of its own:
  // the mutation says that it is pending only after the switch has fallen back.
  const [asked, ask] = useState<Settings | null>(null);
  const put = useMutation({
    mutationFn: ({ version, settings }: { version: number; settings: Settings }) =>
      putSystemSettings(version, settings),
    onSuccess: (saved) => client.setQueryData(systemSettings.queryKey, saved),
    onError: () => client.invalidateQueries({ queryKey: systemSettings.queryKey }),
    onSettled: () => ask(null),
  });
  if (found.isPending) return <Waiting />;
  if (found.error) return <Failure problem={found.error} again={() => void found.refetch()} />;
  const { version, settings, changed_by: by, changed_at: at } = found.data;
  const shown = asked ?? settings;
  const store = (version: number, settings: Settings) => {
    ask(settings);
    return put.mutateAsync({ version, settings });
  };
  const change = (next: Partial<Settings>): void => {
    store(version, { ...settings, ...next }).then(
      (saved) => undoable(texts.changed, () => store(saved.version, settings)),
      refused,
    );
  };
  return (
    <>
      <Section title={texts.pausing} lead={texts.lead}>
        <div className={classes.form}>
          <Radio.Group
            label={texts.policy}
            value={shown.confirm_pause}
            onChange={(value) => change({ confirm_pause: value as Settings["confirm_pause"] })}
          >
            <Stack gap={10} mt={6}>
              {POLICIES.map((each) => (
                <Radio
                  key={each}
                  value={each}
                  label={texts[each]}
                  description={texts[`${each}Hint`]}
                  disabled={asked !== null}
                />
              ))}
            </Stack>
          </Radio.Group>
          <Switch
            label={texts.allow}
            description={texts.allowHint}
            checked={shown.allow_dont_ask_again}
            disabled={asked !== null}
            onChange={(event) => change({ allow_dont_ask_again: event.currentTarget.checked })}
          />
        </div>
      </Section>
      <Section title={texts.emergency} lead={texts.emergencyLead}>
        <div className={classes.form}>
          <Switch
            label={texts.two}
            description={texts.twoHint}
            checked={shown.second_approver_for_emergency_stop}
            disabled={asked !== null}
            onChange={(event) =>
              change({ second_approver_for_emergency_stop: event.currentTarget.checked })
            }
          />
          {shown.second_approver_for_emergency_stop && (
            <Expiry
              minutes={shown.release_request_minutes ?? 60}
              disabled={asked !== null}
              onChange={(release_request_minutes) => change({ release_request_minutes })}
            />
          )}
        </div>
      </Section>
      <Section title={texts.clock}>
        <div className={classes.form}>
          <ZoneSelect
            label={texts.zone}
            description={texts.zoneHint}
            placeholder={texts.zonePlaceholder}
            value={shown.time_zone}
            disabled={asked !== null}
            onChange={(time_zone) => change({ time_zone })}
            inputWrapperOrder={["label", "input", "description", "error"]}
          />
        </div>
      </Section>
      {version > 1 && <p className={classes.by}>{texts.by(by, when(at))}</p>}
    </>
  );
}

interface ExpiryProps {
  minutes: number;
  disabled: boolean;
  onChange: (minutes: number) => void;
}

/** A number that holds once it is left, not with every digit. */
function Expiry({ minutes, disabled, onChange }: ExpiryProps) {
  const [typed, setTyped] = useState<number | string>(minutes);
  useEffect(() => setTyped(minutes), [minutes]);
  const keep = (): void => {
    if (typeof typed === "number" && typed !== minutes) onChange(typed);
    else setTyped(minutes);
  };
  return (
    <NumberInput
      label={texts.expires}
      suffix=" min"
      w={220}
      min={1}
      max={1440}
      clampBehavior="strict"
      allowDecimal={false}
      value={typed}
      disabled={disabled}
      onChange={setTyped}
      onBlur={keep}
    />
  );
}

type Settings = Parameters<typeof putSystemSettings>[1];
