import { describe, expect, it } from "vitest";

import { beginningOf, numberMeant, numbersIn } from "../src/pages/do-not-call/numbers";
import { healthOf } from "../src/pages/numbers/health";
import { tlsOf, wantsTls, waysOf } from "../src/pages/numbers/tls";

describe("Numbers that were pasted", () => {
  it("come one by one, each once, in their order", () => {
    expect(numbersIn(" +1 415 555 0100\r\n\n212-555-0101; 212-555-0101,+49 30 1\t5")).toEqual([
      "+1 415 555 0100",
      "212-555-0101",
      "+49 30 1",
      "5",
    ]);
  });
  it("are named when the server means one of them", () => {
    expect(numberMeant("phones[1]", ["a", "b"])).toBe("b");
    expect(numberMeant("phones[9]", ["a"])).toBeNull();
    expect(numberMeant("region", ["a"])).toBeNull();
  });
});

it("searches by how numbers are kept, however they are typed", () => {
  expect(beginningOf("+1 (415)")).toBe("+1415");
  expect(beginningOf("0049 30")).toBe("+4930");
  expect(beginningOf("  ")).toBeNull();
});

describe("The health of a trunk", () => {
  const well = { reachable: true, registered: null };
  it("is bad as soon as one cell does not reach it", () => {
    const health = [well, { reachable: false, registered: null }];
    expect(healthOf({ enabled: true, register: false, health })).toBe("silent");
    expect(healthOf({ enabled: true, register: false, health: [well] })).toBe("answers");
  });
  it("is bad where it must be registered and is not", () => {
    const health = [{ reachable: true, registered: false }];
    expect(healthOf({ enabled: true, register: true, health })).toBe("silent");
    expect(healthOf({ enabled: true, register: false, health })).toBe("answers");
  });
  it("is not known without a cell, and off when it is switched off", () => {
    expect(healthOf({ enabled: true, register: false, health: [] })).toBe("unknown");
    expect(healthOf({ enabled: false, register: false, health: [well] })).toBe("off");
  });
});

it("encrypts as providers of the kind know it, and not less than was chosen", () => {
  expect(waysOf("smpp")).toEqual(["none", "tls"]);
  expect(waysOf("smtp")).toContain("starttls");
  expect(tlsOf("smtp", "starttls")).toBe("starttls");
  expect(tlsOf("http", "starttls")).toBe("tls");
  expect(tlsOf("http", "none")).toBe("none");
  expect(wantsTls("http", 443) && wantsTls("smtp", "465")).toBe(true);
  expect(wantsTls("http", 8080) || wantsTls("smpp", 443) || wantsTls("smtp", "")).toBe(false);
});
