/**
 * The agent's telephone: the microphone, the one connection of the shift, and what is heard.
 *
 * The connection goes to our media process and stays for the whole shift; calls are put on it there.
 * A new connection is made beside the old one, which goes on until the new one is up.
 */
import {
  type Devices,
  devicesOf,
  keepWishes,
  keptWishes,
  NO_DEVICES,
  openMicrophone,
  type Trouble,
  troubleOf,
  type Wishes,
} from "./microphone";
import { after, type Line, type LineEvent, OFF, pauseMs } from "./reconnect";
import { soundsTo } from "./sound";

const CONNECT_MS_MAX = 8_000; // an offer that has led to nothing by then is given up
const UNSEEN_MS_MAX = 3_000; // so long we may think it is up while the server does not
const CODECS = ["audio/PCMU", "audio/PCMA"]; // what telephones speak: nothing is converted

/** Gives the media process our offer; its answer (SDP). */
export type Offer = (sdp: string, number: number) => Promise<string>;

export interface Phone {
  readonly line: Line;
  /** null: not opened yet. */
  readonly stream: MediaStream | null;
  readonly opening: boolean;
  readonly trouble: Trouble | null;
  readonly devices: Devices;
  readonly wishes: Wishes;
  /** The browser plays nothing before somebody clicks. */
  readonly soundBlocked: boolean;
  /** The agent wants silence to go out. */
  readonly muted: boolean;
}

export class Softphone {
  private phone: Phone = {
    line: OFF,
    stream: null,
    opening: false,
    trouble: null,
    devices: NO_DEVICES,
    wishes: keptWishes(),
    soundBlocked: false,
    muted: false,
  };
  private readonly listeners = new Set<() => void>();
  private readonly audio = document.createElement("audio");
  private pc: RTCPeerConnection | null = null; // the one that is up
  private next: RTCPeerConnection | null = null; // the one that is being made
  private timer: ReturnType<typeof setTimeout> | undefined;
  private unseen: ReturnType<typeof setTimeout> | undefined;
  private live = false; // somebody may hear the microphone
  private iceServers: RTCIceServer[] = [];

  constructor(private readonly offer: Offer) {
    this.audio.autoplay = true;
    this.audio.dataset["part"] = "conversation";
    document.body.append(this.audio);
    window.addEventListener("online", () => this.tell({ kind: "online" }));
    // A page that is left says so; the server need not find out.
    window.addEventListener("pagehide", () => this.hangUp());
    window.addEventListener("pageshow", (event) => {
      if (event.persisted && this.phone.line.kind !== "off") this.tell({ kind: "lost", at: Date.now() });
    });
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.onDevices());
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly current = (): Phone => this.phone;

  /** Ask for the microphone; again, where that did not work or another is wished. */
  async open(change: Partial<Wishes> = {}): Promise<boolean> {
    const wishes = { ...this.phone.wishes, ...change };
    keepWishes(wishes);
    this.show({ wishes, opening: true });
    this.route(wishes.speaker);
    try {
      const stream = await openMicrophone(wishes);
      const old = this.phone.stream;
      this.show({ stream, opening: false, trouble: null, devices: await devicesOf() });
      const track = stream.getAudioTracks()[0] ?? null;
      if (track) track.onended = () => void this.onEnded(stream);
      this.gate();
      for (const pc of [this.pc, this.next]) await pc?.getSenders()[0]?.replaceTrack(track);
      stop(old);
      return true;
    } catch (error) {
      this.show({ opening: false, trouble: troubleOf(error) });
      return false;
    }
  }

  /** Let it be heard through another device; "": the browser's choice. */
  setSpeaker(speaker: string | null): void {
    const wishes = { ...this.phone.wishes, speaker };
    keepWishes(wishes);
    this.show({ wishes });
    this.route(speaker);
  }

  /** Be connected from now on, whatever happens. Needs the microphone. */
  start(iceServers: RTCIceServer[]): void {
    this.iceServers = iceServers;
    this.tell({ kind: "start" });
  }

  /** Be it no longer, and let go of the microphone. */
  stop(): void {
    this.tell({ kind: "stop" });
    this.hangUp();
    stop(this.phone.stream);
    this.show({ stream: null });
  }

  /** Whether somebody may hear the microphone now; else silence goes out. */
  setLive(live: boolean): void {
    this.live = live;
    this.gate();
  }

  setMuted(muted: boolean): void {
    if (muted !== this.phone.muted) this.show({ muted });
    this.gate();
  }

  /** What the server says of the connection. If it stays away for a while, it is made anew. */
  seen(connected: boolean): void {
    if (connected || this.phone.line.kind !== "up") {
      clearTimeout(this.unseen);
      this.unseen = undefined;
    } else {
      this.unseen ??= setTimeout(() => {
        this.unseen = undefined;
        this.tell({ kind: "lost", at: Date.now() });
      }, UNSEEN_MS_MAX);
    }
  }

  /** After a click: play what the browser held back. */
  async unblock(): Promise<void> {
    try {
      await this.audio.play();
      this.show({ soundBlocked: false });
    } catch {
      this.show({ soundBlocked: true });
    }
  }

  private gate(): void {
    const on = this.live && !this.phone.muted;
    for (const track of this.phone.stream?.getAudioTracks() ?? []) track.enabled = on;
  }

  private tell(event: LineEvent): void {
    const before = this.phone.line;
    const line = after(before, event);
    if (line === before) return;
    this.show({ line });
    clearTimeout(this.timer);
    if (line.kind === "offering") void this.connect();
    else this.drop("next");
    if (line.kind === "waiting") {
      const pause = pauseMs(line.failures, Math.random());
      this.timer = setTimeout(() => this.tell({ kind: "pause over" }), pause);
    }
    if (line.kind === "contested") this.drop("pc");
  }

  private async connect(): Promise<void> {
    const { stream } = this.phone;
    const track = stream?.getAudioTracks()[0];
    if (!stream || !track) {
      this.tell({ kind: "lost", at: Date.now() });
      return;
    }
    this.drop("next");
    const pc = new RTCPeerConnection({ iceServers: this.iceServers });
    this.next = pc;
    const isNext = (): boolean => this.next === pc;
    this.timer = setTimeout(() => isNext() && this.tell({ kind: "lost", at: Date.now() }), CONNECT_MS_MAX);
    prefer(pc.addTransceiver(track, { direction: "sendrecv", streams: [stream] }));
    const heard = new MediaStream();
    pc.ontrack = ({ track: theirs }) => heard.addTrack(theirs);
    pc.onconnectionstatechange = () => this.onState(pc, heard);
    try {
      await pc.setLocalDescription();
      // The other side needs no candidates of ours: the offer goes at once.
      const sdp = await this.offer(pc.localDescription?.sdp ?? "", nextNumber());
      if (isNext()) await pc.setRemoteDescription({ type: "answer", sdp });
    } catch {
      if (isNext()) this.tell({ kind: "lost", at: Date.now() });
    }
  }

  private onState(pc: RTCPeerConnection, heard: MediaStream): void {
    switch (pc.connectionState) {
      case "connected":
        if (this.next !== pc) return;
        this.next = null;
        this.drop("pc");
        this.pc = pc;
        this.audio.srcObject = heard;
        void this.unblock();
        this.tell({ kind: "connected", at: Date.now() });
        break;
      case "disconnected":
      case "failed":
      case "closed":
        // What becomes of the old one while a new one is made is of no matter.
        if (this.next === pc || (this.pc === pc && this.phone.line.kind === "up")) {
          this.tell({ kind: "lost", at: Date.now() });
        }
        break;
    }
  }

  private drop(which: "pc" | "next"): void {
    const pc = this[which];
    this[which] = null;
    if (pc) {
      pc.onconnectionstatechange = null;
      pc.close();
    }
  }

  private hangUp(): void {
    this.drop("next");
    this.drop("pc");
  }

  private async onDevices(): Promise<void> {
    this.show({ devices: await devicesOf() });
    // A headset that was plugged in where there was none.
    if (this.phone.trouble === "missing" && this.phone.line.kind !== "off") await this.open();
  }

  /** The headset was pulled out: any other will do, and the wished one again when it is back. */
  private async onEnded(stream: MediaStream): Promise<void> {
    if (this.phone.stream === stream) await this.open();
  }

  private route(speaker: string | null): void {
    const sink = this.audio as HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> };
    void sink.setSinkId?.(speaker ?? "").catch(() => undefined);
    soundsTo(speaker);
  }

  private show(change: Partial<Phone>): void {
    this.phone = { ...this.phone, ...change };
    for (const listener of this.listeners) listener();
  }
}

function stop(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) {
    track.onended = null;
    track.stop();
  }
}

function prefer(transceiver: RTCRtpTransceiver): void {
  const known = RTCRtpReceiver.getCapabilities("audio")?.codecs ?? [];
  const ours = CODECS.flatMap((name) => known.filter(({ mimeType }) => mimeType === name));
  if (ours.length === 0) return;
  transceiver.setCodecPreferences([...ours, ...known.filter((codec) => !ours.includes(codec))]);
}

const NUMBER = "caesura-desk-offer";

/** Counts the offers of this browser tab, reloads included. */
function nextNumber(): number {
  let number = 1;
  try {
    number = Number(sessionStorage.getItem(NUMBER) ?? 0) + 1;
    sessionStorage.setItem(NUMBER, String(number));
  } catch {
    // Storage is shut off.
  }
  return number;
}
