/** Which microphone and which headset, how loud one is, and what is wrong. */
import { Alert, Button, Select, Switch } from "@mantine/core";
import { IconMicrophoneOff, IconVolume } from "@tabler/icons-react";

import words from "../../words/en/desk";
import classes from "../Desk.module.css";
import type { Trouble } from "../softphone/microphone";
import { testSound } from "../softphone/sound";
import { softphone, usePhone } from "../softphone/store";
import { LevelMeter } from "./LevelMeter";

const texts = words.device;

/** `onHeard`: once somebody has spoken. */
export function Devices({ onHeard }: { onHeard?: () => void }) {
  const { devices, wishes, trouble, opening, stream } = usePhone((phone) => phone);
  return (
    <div className={classes.devices}>
      {trouble && <MicrophoneTrouble trouble={trouble} />}
      {stream && (
        <>
          <LevelMeter stream={stream} onHeard={onHeard} />
          <Select
            label={texts.microphone}
            data={options(devices.microphones)}
            placeholder={texts.standard}
            value={idOf(stream, devices.microphones)}
            onChange={(microphone) => void softphone().open({ microphone })}
            allowDeselect={false}
            disabled={opening}
            comboboxProps={{ withinPortal: false }}
          />
          {devices.speakers.length > 0 && (
            <Select
              label={texts.speaker}
              data={options(devices.speakers)}
              placeholder={texts.standard}
              value={devices.speakers.some(({ id }) => id === wishes.speaker) ? wishes.speaker : null}
              onChange={(speaker) => softphone().setSpeaker(speaker)}
              comboboxProps={{ withinPortal: false }}
            />
          )}
          <Switch
            label={texts.processing}
            description={texts.processingHint}
            checked={wishes.processing}
            onChange={(event) => void softphone().open({ processing: event.currentTarget.checked })}
          />
          <div>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconVolume size={16} aria-hidden />}
              onClick={testSound}
            >
              {texts.test}
            </Button>
          </div>
        </>
      )}
    </div>
  );
}

export function MicrophoneTrouble({ trouble }: { trouble: Trouble }) {
  const opening = usePhone((phone) => phone.opening);
  const { title, hint } = words.trouble[trouble];
  return (
    <Alert color="red" variant="light" role="alert" icon={<IconMicrophoneOff size={18} />} title={title}>
      <p className={classes.plain}>{hint}</p>
      {trouble !== "insecure" && (
        <Button size="xs" variant="default" mt={8} loading={opening} onClick={() => void softphone().open()}>
          {texts.again}
        </Button>
      )}
    </Alert>
  );
}

function options(all: readonly { id: string; label: string }[]) {
  return all.map(({ id, label }) => ({ value: id, label }));
}

/** The one that is in use. */
function idOf(stream: MediaStream, all: readonly { id: string }[]): string | null {
  const id = stream.getAudioTracks()[0]?.getSettings().deviceId;
  return all.find((each) => each.id === id)?.id ?? null;
}
