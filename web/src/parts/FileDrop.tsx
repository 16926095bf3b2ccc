/** Where files are dropped or chosen. Also takes files that are dropped anywhere on the page. */
import { IconUpload } from "@tabler/icons-react";
import { type DragEvent, useEffect, useId, useRef, useState } from "react";

import classes from "./FileDrop.module.css";

interface Props {
  title: string;
  hint: string;
  /** As the attribute of <input type="file">. */
  accept: string;
  onFile: (file: File) => void;
  /** Fills more room, where nothing else is there yet. */
  tall?: boolean;
  disabled?: boolean;
}

export function FileDrop({ title, hint, accept, onFile, tall = false, disabled = false }: Props) {
  const id = useId();
  const [over, setOver] = useState(false);
  const take = useRef(onFile);
  take.current = onFile;

  useEffect(() => {
    if (disabled) return;
    // Nested elements enter and leave in pairs; the count says whether the file is still above us.
    let depth = 0;
    const hasFiles = (event: globalThis.DragEvent) => event.dataTransfer?.types.includes("Files");
    const enter = (event: globalThis.DragEvent): void => {
      if (!hasFiles(event)) return;
      depth += 1;
      setOver(true);
    };
    const leave = (event: globalThis.DragEvent): void => {
      if (!hasFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const allow = (event: globalThis.DragEvent): void => event.preventDefault();
    const drop = (event: globalThis.DragEvent): void => {
      event.preventDefault();
      depth = 0;
      setOver(false);
      const file = event.dataTransfer?.files[0];
      if (file) take.current(file);
    };
    window.addEventListener("dragenter", enter);
    window.addEventListener("dragleave", leave);
    window.addEventListener("dragover", allow);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragenter", enter);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("dragover", allow);
      window.removeEventListener("drop", drop);
    };
  }, [disabled]);

  return (
    <label
      htmlFor={id}
      className={classes.drop}
      data-over={over || undefined}
      data-tall={tall || undefined}
      onDragOver={(event: DragEvent) => event.preventDefault()}
    >
      <IconUpload size={tall ? 28 : 20} stroke={1.6} aria-hidden />
      <span>
        <span className={classes.title}>{title}</span>
        <span className={classes.hint}>{hint}</span>
      </span>
      <input
        id={id}
        type="file"
        accept={accept}
        disabled={disabled}
        className="hidden-text"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = ""; // the same file may be chosen again
          if (file) onFile(file);
        }}
      />
    </label>
  );
}
