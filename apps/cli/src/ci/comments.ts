/** The comments of one pull request or merge request. */
export interface Comments {
  /** Returns a page of comments, the first is 1, with whether each is by whoever asks; the last page has fewer than `perPage`. */
  list: (page: number) => Promise<{ id: number; body: string; isOurs: boolean }[]>
  create: (body: string) => Promise<void>
  update: (id: number, body: string) => Promise<void>
}

/** How many comments a page has: the most that both systems give. */
export const perPage = 100
