/** Before the shift: the microphone is tried, then the shift begins. */
import { Button } from "@mantine/core";
import { IconCircleCheck, IconMicrophone, IconPhoneRinging, IconPlayerPlayFilled } from "@tabler/icons-react";
import { useState } from "react";

import type { DeskPhone } from "../../api/desk";
import words from "../../words/en/desk";
import classes from "../Desk.module.css";
import { Said } from "../parts";
import type { Shift } from "../shift";
import { softphone, usePhone } from "../softphone/store";
import { audioContext } from "../softphone/sound";
import { useDesk } from "../store";
import { Devices } from "./Devices";

const texts = words.begin;

export function Begin({ shift }: { shift: Shift }) {
  const { phone } = useDesk();
  return phone ? <BeginWithPhone shift={shift} phone={phone} /> : <BeginHere shift={shift} />;
}

/** The sound is the telephone's: no microphone is asked for. */
function BeginWithPhone({ shift, phone }: { shift: Shift; phone: DeskPhone }) {
  const begin = (): void => {
    audioContext(); // the page's own signs may sound from the first click on
    void shift.begin.send();
  };
  return (
    <section className={`card ${classes.middle}`} aria-label={texts.title}>
      <div className={classes.begin}>
        <h2 className={classes.bigTitle}>{texts.title}</h2>
        <p className={classes.lead}>{words.phone.lead(phone.address)}</p>
        <Button
          size="md"
          leftSection={<IconPhoneRinging size={18} aria-hidden />}
          loading={shift.begin.pending || shift.reopening}
          onClick={begin}
        >
          {words.phone.begin}
        </Button>
        <Said of={shift.begin} />
      </div>
    </section>
  );
}

function BeginHere({ shift }: { shift: Shift }) {
  const stream = usePhone((phone) => phone.stream);
  const trouble = usePhone((phone) => phone.trouble);
  const opening = usePhone((phone) => phone.opening);
  const [heard, setHeard] = useState(false);
  const check = (): void => {
    audioContext(); // sound may play from the first click on
    void softphone().open();
  };
  const Icon = heard ? IconCircleCheck : IconMicrophone;
  return (
    <section className={`card ${classes.middle}`} aria-label={texts.title}>
      <div className={classes.begin}>
        <h2 className={classes.bigTitle}>{texts.title}</h2>
        <p className={classes.lead}>{texts.lead}</p>
        {stream && (
          <p className={classes.heard} data-heard={heard || undefined} role="status">
            <Icon size={20} aria-hidden />
            {heard ? texts.heard : texts.speak}
          </p>
        )}
        {(stream || trouble) && <Devices onHeard={() => setHeard(true)} />}
        {stream ? (
          <Button
            size="md"
            leftSection={<IconPlayerPlayFilled size={16} aria-hidden />}
            loading={shift.begin.pending || shift.reopening}
            disabled={trouble !== null}
            onClick={() => void shift.begin.send()}
          >
            {texts.begin}
          </Button>
        ) : (
          !trouble && (
            <Button
              size="md"
              leftSection={<IconMicrophone size={18} aria-hidden />}
              loading={opening}
              onClick={check}
            >
              {texts.check}
            </Button>
          )
        )}
        <Said of={shift.begin} />
      </div>
    </section>
  );
}
