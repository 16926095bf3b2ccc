/** Sends a form with a file and tells how much of it is out, which fetch cannot. */
import { headersFor, problemOf } from "./client";
import { asProblem, Problem } from "./problem";

/** The JSON of the answer; throws `Problem`. `onProgress` gets the share that is sent, 0 to 1. */
export function upload<Answer>(
  path: string,
  fields: Record<string, string | Blob | undefined>,
  onProgress?: (share: number) => void,
): Promise<Answer> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) form.append(name, value);
  }
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    for (const [name, value] of Object.entries(headersFor("POST"))) {
      request.setRequestHeader(name, value);
    }
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress?.(event.loaded / event.total);
    };
    request.onerror = () => reject(asProblem(new TypeError("network")));
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) {
        resolve(JSON.parse(request.responseText) as Answer);
        return;
      }
      // The same reading of problem documents as for everything else.
      const response = new Response(request.responseText, { status: request.status });
      problemOf(response).then(reject, () => reject(new Problem(request.status, {})));
    };
    request.send(form);
  });
}
