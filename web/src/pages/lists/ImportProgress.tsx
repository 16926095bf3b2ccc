/** How far an import is, and then what came of it. */
import { Button, Group, Progress, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { IconAlertTriangle, IconCircleCheck, IconDownload } from "@tabler/icons-react";
import { useEffect } from "react";

import { imports, importOf, lists, rejectedCsv } from "../../api/lists";
import { Failure } from "../../parts/Failure";
import { count } from "../../parts/format";
import { Waiting } from "../../parts/Waiting";
import words from "../../words/en/lists";
import classes from "./ImportForm.module.css";

const texts = words.form;

export interface Done {
  /** The button that goes on, and what it does with the list's name. */
  next: string;
  onNext: (list: string) => void;
  onLeave?: () => void;
}

interface Props {
  id: number;
  onAnother: () => void;
  done: Done;
}

export function ImportProgress({ id, onAnother, done }: Props) {
  const client = useQueryClient();
  const found = useQuery(importOf(id));
  const state = found.data?.state;
  useEffect(() => {
    void client.invalidateQueries({ queryKey: lists.queryKey, exact: true });
    void client.invalidateQueries({ queryKey: imports.queryKey, exact: true });
  }, [state, client]);

  if (found.error) return <Failure problem={found.error} again={() => void found.refetch()} />;
  if (!found.data) return <Waiting />;
  const { data } = found;
  if (data.state === "running") {
    const share = data.rows_total ? (100 * data.rows_read) / data.rows_total : 0;
    return (
      <div className={`card ${classes.result}`} role="status">
        <Text fw={640} size="lg">
          {texts.reads}
        </Text>
        <Progress value={Math.min(100, share)} w="min(420px, 100%)" aria-label={texts.reads} />
        <Text className="num" size="sm">
          {words.imports.running(data.rows_read, data.rows_total)}
        </Text>
        <Text size="sm" c="dimmed">
          {texts.wait}
        </Text>
      </div>
    );
  }
  const failed = data.state === "failed";
  return (
    <div className={`card ${classes.result}`} role="status">
      {failed ? (
        <IconAlertTriangle size={36} stroke={1.5} color="var(--danger)" aria-hidden />
      ) : (
        <IconCircleCheck size={36} stroke={1.5} color="var(--running)" aria-hidden />
      )}
      <Text fw={640} size="lg">
        {failed ? texts.failedTitle : texts.doneTitle(data.imported, data.list)}
      </Text>
      {failed ? (
        <Text size="sm" c="dimmed" maw={520}>
          {data.error} {texts.failedHint}
        </Text>
      ) : (
        <dl className={classes.figures}>
          <Figure value={data.imported} name={texts.doneImported} />
          <Figure value={data.duplicates} name={texts.doneDuplicates} />
          <Figure value={data.rejected} name={texts.doneRejected} />
        </dl>
      )}
      <Group justify="center" gap="xs">
        {data.rejected > 0 && !failed && (
          <Button
            component="a"
            href={rejectedCsv(data.id)}
            download
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
          >
            {words.imports.download(data.rejected)}
          </Button>
        )}
        <Button variant="default" onClick={onAnother}>
          {texts.another}
        </Button>
        {done.onLeave && (
          <Button variant="default" onClick={done.onLeave}>
            {texts.toLists}
          </Button>
        )}
        {!failed && <Button onClick={() => done.onNext(data.list)}>{done.next}</Button>}
      </Group>
    </div>
  );
}

function Figure({ value, name }: { value: number; name: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{count(value)}</dd>
    </div>
  );
}
