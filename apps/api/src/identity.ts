import type { Grant } from '@vesemir/contract'
import type { Principal, StoredToken } from '@vesemir/store/credential'

/** Whom a credential stands for. */
export interface Identity {
  /** What a browser's cookie says of it. */
  key: string
  principal: Principal
  grants: readonly Grant[]
  /** Tells the credential itself: a session that was started with it ends when it is changed. */
  sha256: string
  /** The token that somebody made, if it is one. */
  token?: StoredToken
}
