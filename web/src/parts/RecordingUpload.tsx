/** Takes a recording and tells how far it is; for its page and for the wizard. */
import { Alert, Progress, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IconAlertCircle } from "@tabler/icons-react";
import { useState } from "react";

import { asProblem } from "../api/problem";
import { addRecording, type Recording, recordings } from "../api/recordings";
import words from "../words/en/numbers";
import { FileDrop } from "./FileDrop";
import { percent } from "./format";
import { said } from "./notices";

const texts = words.recordings;
const ACCEPTED = ".wav,.flac,.mp3,.ogg,.oga,.opus,.m4a,.aif,.aiff,audio/*";

interface Props {
  tall?: boolean;
  onAdded?: (recording: Recording) => void;
}

export function RecordingUpload({ tall = false, onAdded }: Props) {
  const client = useQueryClient();
  const [share, setShare] = useState(0);
  const send = useMutation({
    mutationFn: (file: File) => addRecording(file, undefined, setShare),
    onMutate: () => setShare(0),
    onSuccess: (recording) => {
      said(texts.added(recording.name));
      void client.invalidateQueries({ queryKey: recordings.queryKey });
      onAdded?.(recording);
    },
  });
  const name = send.variables?.name ?? "";
  return (
    <div>
      <FileDrop
        title={texts.drop}
        hint={texts.dropHint}
        accept={ACCEPTED}
        onFile={(file) => send.mutate(file)}
        tall={tall}
        disabled={send.isPending}
      />
      {send.isPending && (
        <div role="status" style={{ marginTop: 10 }}>
          <Text size="sm" className="num" mb={4}>
            {share < 1 ? texts.sending(name, percent(share, 0)) : texts.converting(name)}
          </Text>
          <Progress value={100 * share} size="sm" animated={share >= 1} aria-label={name} />
        </div>
      )}
      {send.error && (
        <Alert color="red" mt="sm" role="alert" icon={<IconAlertCircle size={18} />}>
          {asProblem(send.error).message}
        </Alert>
      )}
    </div>
  );
}
