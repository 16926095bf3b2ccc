import { Button, Modal, SegmentedControl, Switch, Text, useMantineColorScheme } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";

import { type Preferences, useChangePreferences, useSession } from "../../api/session";
import { useSystemSettings } from "../../api/systemSettings";
import { refused, said } from "../../parts/notices";
import { Section } from "../../parts/Section";
import { ZoneSelect } from "../../parts/ZoneSelect";
import common from "../../words/en/common";
import layout from "../../words/en/layout";
import words from "../../words/en/settings";
import signIn from "../../words/en/signIn";
import { ChangePasswordForm } from "../sign-in/ChangePassword";
import classes from "./Settings.module.css";

const texts = words.yours;
const THEMES = [
  { value: "auto", label: layout.theme.auto },
  { value: "light", label: layout.theme.light },
  { value: "dark", label: layout.theme.dark },
] as const;

/** What the one who is signed in prefers. */
export function Yours() {
  const preferences = useSession().data?.preferences;
  const system = useSystemSettings().data?.settings;
  const change = useChangePreferences();
  const { setColorScheme } = useMantineColorScheme();
  const [changing, dialog] = useDisclosure(false);
  if (!preferences) return null;
  const keep = (next: Partial<Preferences>): void =>
    change.mutate(next, { onSuccess: () => said(words.saved), onError: refused });
  const mayChoose = system?.allow_dont_ask_again ?? true;
  const everybodys = system?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <>
      <Section title={texts.look} lead={texts.lookLead}>
        <div className={classes.form}>
          <div>
            <Text size="sm" fw={500} mb={4} id="theme-label">
              {texts.theme}
            </Text>
            <SegmentedControl
              aria-labelledby="theme-label"
              data={THEMES.map((each) => ({ ...each }))}
              value={preferences.theme ?? "auto"}
              onChange={(theme) => {
                setColorScheme(theme);
                keep({ theme });
              }}
            />
          </div>
          <ZoneSelect
            label={texts.zone}
            description={texts.zoneHint(everybodys)}
            placeholder={texts.zonePlaceholder}
            value={preferences.time_zone ?? null}
            onChange={(time_zone) => keep({ time_zone })}
            inputWrapperOrder={["label", "input", "description", "error"]}
          />
        </div>
      </Section>
      <Section title={texts.pausing}>
        <div className={classes.form}>
          <Switch
            label={texts.ask}
            description={mayChoose ? texts.askHint : texts.askForbidden}
            checked={mayChoose && (preferences.dont_ask_before_pause ?? false)}
            disabled={!mayChoose}
            onChange={(event) => keep({ dont_ask_before_pause: event.currentTarget.checked })}
          />
        </div>
      </Section>
      <Section title={texts.password} lead={texts.passwordLead} bare>
        <Button variant="default" onClick={dialog.open}>
          {texts.change}
        </Button>
      </Section>
      <Modal
        opened={changing}
        onClose={dialog.close}
        title={<Text fw={650}>{signIn.changeTitle}</Text>}
        centered
        closeButtonProps={{ "aria-label": common.close }}
      >
        <ChangePasswordForm onDone={dialog.close} />
      </Modal>
    </>
  );
}
