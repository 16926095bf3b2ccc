/** Who is signed in. The cookie is the server's business; we hold the token against forgery. */
import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, type Api, ask, setCsrfToken } from "./client";
import { Problem } from "./problem";

export type Session = Api<"SessionView">;
export type Preferences = Session["preferences"];

export const SESSION_KEY = ["session"] as const;

/** null: nobody is signed in. */
export function useSession() {
  return useQuery<Session | null, Problem>({
    queryKey: SESSION_KEY,
    queryFn: readSession,
    staleTime: 5 * 60_000,
    retry: (count, problem) => problem.isAway && count < 30,
    retryDelay: (count) => Math.min(500 * 2 ** count, 5000),
  });
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation<Session, Problem, { name: string; password: string }>({
    mutationFn: (credentials) => ask(api.POST("/api/v1/session", { body: credentials })),
    onSuccess: (session) => keep(client, session),
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation<void, Problem, void>({
    mutationFn: () => ask(api.DELETE("/api/v1/session")),
    onSuccess: () => {
      setCsrfToken(null);
      client.clear();
      client.setQueryData(SESSION_KEY, null);
    },
  });
}

export function useChangePassword() {
  const client = useQueryClient();
  return useMutation<Session, Problem, { old: string; new: string }>({
    mutationFn: (change) => ask(api.POST("/api/v1/session/password", { body: change })),
    onSuccess: (session) => keep(client, session),
  });
}

/** Choose what is given and leave the rest as it was. */
export function useChangePreferences() {
  const client = useQueryClient();
  return useMutation<Preferences, Problem, Partial<Preferences>>({
    mutationFn: (change) => {
      const now = client.getQueryData<Session | null>(SESSION_KEY)?.preferences;
      return ask(api.PUT("/api/v1/session/preferences", { body: { ...now, ...change } }));
    },
    onSuccess: (preferences) =>
      client.setQueryData<Session | null>(SESSION_KEY, (old) => old && { ...old, preferences }),
  });
}

async function readSession(): Promise<Session | null> {
  try {
    const session = await ask(api.GET("/api/v1/session"));
    setCsrfToken(session.csrf_token);
    return session;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

function keep(client: QueryClient, session: Session): void {
  setCsrfToken(session.csrf_token);
  client.setQueryData(SESSION_KEY, session);
}
