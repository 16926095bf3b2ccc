import { useQuery, useQueryClient } from "@tanstack/react-query";
import { IconHash } from "@tabler/icons-react";
import { useState } from "react";

import { addNumber, type CallingNumber, callingNumbers, deleteNumber } from "../../api/trunks";
import { day } from "../../parts/format";
import { refused, undoable } from "../../parts/notices";
import { changeAndRemove } from "../../parts/RowActions";
import { TableSection } from "../../parts/TableSection";
import common from "../../words/en/common";
import words from "../../words/en/numbers";
import { NumberForm } from "./NumberForm";

const texts = words.numbers;

export function CallingNumbers() {
  const found = useQuery(callingNumbers);
  const client = useQueryClient();
  const [form, setForm] = useState<CallingNumber | "new" | null>(null);
  const again = () => client.invalidateQueries({ queryKey: callingNumbers.queryKey });
  const remove = async ({ number, trunk, label }: CallingNumber): Promise<void> => {
    try {
      await deleteNumber(number);
    } catch (error) {
      refused(error);
      return;
    }
    void again();
    undoable(texts.removed(number), async () => {
      await addNumber({ number, trunk, label });
      await again();
    });
  };
  return (
    <TableSection
      texts={texts}
      icon={IconHash}
      found={found}
      rows={found.data ?? []}
      rowKey={(row) => row.number}
      columns={[
        {
          key: "number",
          head: texts.number,
          cell: (row) => <strong className="num">{row.number}</strong>,
        },
        { key: "label", head: texts.label, cell: (row) => row.label || common.notYet },
        { key: "trunk", head: texts.trunk, cell: (row) => row.trunk ?? texts.any },
        { key: "since", head: texts.since, cell: (row) => day(row.created_at) },
        changeAndRemove<CallingNumber>({
          words,
          texts,
          name: (row) => row.number,
          change: setForm,
          remove: (row) => void remove(row),
        }),
      ]}
      add={() => setForm("new")}
    >
      {form && <NumberForm number={form === "new" ? null : form} onClose={() => setForm(null)} />}
    </TableSection>
  );
}
