import type { Message } from '../../api/conversation-types'

/** The name that was asked for, when it is not just a shorter form of the model that answered; else null. */
export function askedOtherwise(message: Pick<Message, 'model' | 'model_asked'>): string | null {
  const { model, model_asked: asked } = message
  if (model === null || asked === null || asked === model || model.endsWith(`/${asked}`)) return null
  return asked
}
