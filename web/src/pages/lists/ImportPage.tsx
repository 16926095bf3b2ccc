import { Button } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";

import { FileDrop } from "../../parts/FileDrop";
import { Page } from "../../parts/Page";
import words from "../../words/en/lists";
import { choose, forget, whatWasChosen } from "./chosenFile";
import { ACCEPTED, ImportForm } from "./ImportForm";

const texts = words.form;

/** A page of its own for bringing a file in. */
export function ImportPage({ onLeave }: { onLeave: () => void }) {
  const [chosen, setChosen] = useState(whatWasChosen);
  const [, go] = useLocation();
  const take = (file: File): void => {
    choose(file);
    setChosen(whatWasChosen());
  };
  const reset = (): void => {
    forget();
    setChosen(null);
  };
  return (
    <Page
      title={texts.title}
      actions={
        <Button
          component={Link}
          href="/lists"
          variant="default"
          leftSection={<IconArrowLeft size={16} aria-hidden />}
          onClick={forget}
        >
          {texts.toLists}
        </Button>
      }
    >
      {chosen === null ? (
        <FileDrop title={words.dropTitle} hint={words.dropHint} accept={ACCEPTED} onFile={take} tall />
      ) : (
        <ImportForm
          key={`${chosen.file.name} ${chosen.file.lastModified} ${chosen.file.size}`}
          file={chosen.file}
          list={chosen.list}
          onOtherFile={reset}
          done={{
            next: texts.campaign,
            onNext: (list) => {
              forget();
              go(`/campaigns/new?list=${encodeURIComponent(list)}`);
            },
            onLeave: () => {
              forget();
              onLeave();
            },
          }}
        />
      )}
    </Page>
  );
}
