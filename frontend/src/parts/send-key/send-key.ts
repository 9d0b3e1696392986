// Which key sends a message; a person chooses it in the settings.
import { isOneOf, remembered, useRemembered } from '../../lib/storage'

export type SendKey = 'enter' | 'mod-enter'

export const sendKeyPlace = remembered<SendKey>('send-key', 'enter', isOneOf('enter', 'mod-enter'))

export function useSendKey(): SendKey {
  return useRemembered(sendKeyPlace)[0]
}
