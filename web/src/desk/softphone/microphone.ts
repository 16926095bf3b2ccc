/** The microphone: which there are, opening one, and why that did not work. */

/** Why there is no microphone. */
export type Trouble =
  | "insecure" // the page came without HTTPS, so the browser gives none
  | "refused" // somebody, or a policy, said no
  | "missing" // no device is there
  | "busy" // another program has it
  | "failed";

export interface Device {
  readonly id: string;
  readonly label: string;
}

export interface Devices {
  readonly microphones: readonly Device[];
  readonly speakers: readonly Device[];
}

export const NO_DEVICES: Devices = { microphones: [], speakers: [] };

export interface Wishes {
  /** null: the browser's choice. */
  microphone: string | null;
  speaker: string | null;
  /** Whether the browser takes out noise and echo. */
  processing: boolean;
}

const KEPT = "caesura-desk-devices";

/** What this browser's user chose before. */
export function keptWishes(): Wishes {
  const none: Wishes = { microphone: null, speaker: null, processing: true };
  try {
    return { ...none, ...(JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Partial<Wishes>) };
  } catch {
    return none;
  }
}

export function keepWishes(wishes: Wishes): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(wishes));
  } catch {
    // Storage is shut off: the choice lasts as long as the page.
  }
}

/** Open it; the wished one, or where that is gone, any. Throws what `troubleOf` explains. */
export async function openMicrophone({ microphone, processing }: Wishes): Promise<MediaStream> {
  // Without HTTPS there is no `mediaDevices` at all.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) throw new DOMException("", "SecurityError");
  const audio: MediaTrackConstraints = {
    echoCancellation: processing,
    noiseSuppression: processing,
    autoGainControl: processing,
    channelCount: 1,
    ...(microphone === null ? {} : { deviceId: { ideal: microphone } }),
  };
  return devices.getUserMedia({ audio });
}

export async function devicesOf(): Promise<Devices> {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  const of = (kind: MediaDeviceKind): Device[] =>
    all
      .filter((device) => device.kind === kind && device.deviceId !== "" && device.label !== "")
      .map(({ deviceId, label }) => ({ id: deviceId, label }));
  return { microphones: of("audioinput"), speakers: of("audiooutput") };
}

/** What the browser's refusal means (Media Capture and Streams, section 10.3). */
export function troubleOf(error: unknown): Trouble {
  switch (error instanceof DOMException ? error.name : "") {
    case "SecurityError":
      return "insecure";
    case "NotAllowedError":
      return "refused";
    case "NotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    default:
      return "failed";
  }
}
