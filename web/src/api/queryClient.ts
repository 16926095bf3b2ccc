/** How answers are kept and asked again. */
import { QueryClient } from "@tanstack/react-query";

import { asProblem } from "./problem";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What the server refused stays refused; what did not arrive may arrive next time.
      retry: (failures, error) => asProblem(error).isAway && failures < 3,
      refetchOnWindowFocus: true,
    },
    mutations: { retry: false },
  },
});
