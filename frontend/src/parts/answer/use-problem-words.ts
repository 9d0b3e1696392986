import { useQuery } from '@tanstack/react-query'
import type { Message, MessageError } from '../../api/conversation-types'
import { providerQueries } from '../../api/providers'
import { useTranslation } from '../../i18n/use-translation'
import { useSource } from './use-source'

/** What happened, as a sentence for the person who asked; the gateway's own words where there is no better one. */
export function useProblemWords(message: Message, error: MessageError): string {
  const { t } = useTranslation('answer')
  const model = message.model ?? message.model_asked
  const source = useSource(model, error.provider ?? message.provider)
  const address = useAddress(error.code === 'provider_unreachable' ? (error.provider ?? message.provider) : null)
  const provider = source.providerName ?? t('problem.theProvider')
  const names = { provider, model: source.modelName }
  switch (error.code) {
    case 'provider_unreachable':
      return address === null ? t('problem.unreachable', names) : t('problem.unreachableAt', { ...names, address })
    case 'provider_timeout':
      return t('problem.timeout', names)
    case 'provider_auth_failed':
      return t('problem.authFailed', names)
    case 'provider_protocol':
      return t('problem.protocol', names)
    case 'provider_error':
      return t('problem.providerError', names)
    case 'stream_cut':
      return t('problem.cut', names)
    case 'provider_rate_limited':
      return t('problem.providerRateLimited', names)
    case 'provider_quota':
      return t('problem.quota', names)
    case 'rate_limited':
      return t('problem.rateLimited')
    case 'budget_exceeded':
      return t('problem.budget')
    case 'model_busy':
      return t('problem.busy', names)
    case 'no_provider':
      return t('problem.noProvider')
    case 'model_not_found':
      return t('problem.modelNotFound', names)
    case 'model_not_allowed':
      return t('problem.modelNotAllowed', names)
    case 'context_length_exceeded':
      return t('problem.tooLong', names)
    case 'draining':
      return t('problem.draining')
    case 'internal':
      return t('problem.internal')
    default:
      return error.message
  }
}

/** Host and port of a provider, for those who may see them; else null. */
function useAddress(slug: string | null): string | null {
  const { data } = useQuery({ ...providerQueries.detail(slug ?? ''), enabled: slug !== null, retry: false })
  const url = data?.base_url
  return url && URL.canParse(url) ? new URL(url).host : null
}
