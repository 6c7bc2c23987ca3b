/** Owns every Korean word of the page, so that another language is one more file. */
import type { Reason } from '../session/shapes';

/** A slow mode's interval: 60 and 120 are minutes. */
const inWords = (seconds: number) => (seconds % 60 === 0 ? `${seconds / 60}분` : `${seconds}초`);

/** How long somebody waited; empty when it is not worth a word. */
function waited(seconds: number): string {
  if (seconds < 5) return '';
  return seconds < 60 ? `${Math.round(seconds)}초 기다림` : `${Math.round(seconds / 60)}분 기다림`;
}

const REASONS: Readonly<Record<string, string>> = {
  paid: '후원 메시지',
  story: '사연',
  question: '질문',
  mention: '이름을 불러 주셨어요',
  talk: '이야기',
  wish: '진행자가 골랐어요',
};

const START = new Intl.DateTimeFormat('ko-KR', {
  month: 'long',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
});
const MONEY = new Intl.NumberFormat('ko-KR');

export const words = {
  brand: 'Love Language Model',
  brandKo: '밤의 연애 상담실',
  lobbyTitle: ['오늘 밤, 당신 이야기를', '들어 줄 네 사람'],
  lobbyLead:
    '이름도 가입도 필요 없어요. 라이브 방에 들어와 고민을 적으면, 성격이 다른 네 AI 인물이 말하는 그대로 들려드립니다.',
  aiPromise: '네 사람은 모두 AI가 연기하는 가상 인물이에요.',
  aiShort: '사람이 아니라 AI가 연기해요.',
  roomsHeading: '지금 열려 있는 방',
  panelKicker: '네 사람이 한자리에',
  panelLead: '하나의 사연, 네 개의 시선.',
  panelDoor: '합동 방송 들어가기',
  door: '들어가기',
  onAir: '방송 중',
  offAir: '쉬는 중',
  startsAt: (when: number) => `${START.format(when)} 시작`,
  watching: (count: number) => `${count.toLocaleString('ko-KR')}명이 함께 듣는 중`,
  watchingShort: (count: number) => `${count.toLocaleString('ko-KR')}명`,
  watchingNobody: '지금은 비어 있어요',
  /** Nobody has ever been in the room. */
  watchingFirst: '첫 손님을 기다려요',
  watchingUnknown: '인원 확인 중',
  lobbyFailed: '방 목록을 불러오지 못했어요. 곧 다시 시도할게요.',
  skipToRooms: '방 목록으로 바로 가기',

  back: '로비로',
  aiLabel: 'AI 가상 인물',
  aiLabelHint: '이 방의 인물은 사람이 아니라 AI입니다',
  voiceBuiltin: '내장 음성 · LLM 아님',
  voiceModel: 'AI 언어 모델',
  voiceBuiltinHint:
    '지금은 언어 모델(LLM) 없이, 이 인물을 위해 미리 써 둔 대화에서 가장 가까운 답을 골라 들려드려요.',
  voiceModelHint: '언어 모델(LLM)이 실시간으로 만든 답이에요. 틀릴 수 있으니 참고로만 들어 주세요.',
  close: '닫기',

  stageLabel: '무대',
  captionLabel: '자막',
  speaking: '말하는 중',
  thinking: '생각하는 중',
  listening: '듣는 중',
  answering: '지금 답하는 이야기',
  answeredJustNow: '방금 답한 이야기',
  nobodyAsked: '이야기를 남기면 차례로 답해 드려요',
  andOthers: (count: number) => `외 ${count}개`,
  /** Why a line was chosen, in a few short pieces. */
  reasonOf: (reason: Reason): string[] =>
    [
      REASONS[reason.why] ?? '',
      waited(reason.waited_s),
      reason.people > 1
        ? `${reason.people}명이 같은 ${reason.why === 'question' ? '걸 물었어요' : '이야기를 했어요'}`
        : '',
      reason.isFirst ? '처음 온 분' : '',
    ].filter((piece) => piece !== ''),
  /** What a turn is for, when it answers no line. */
  turnKinds: {
    opening: '여는 말을 건네고 있어요',
    closing: '마무리 인사를 하고 있어요',
    idle: '잠깐, 먼저 건네는 이야기예요',
    story: '사연을 읽고 답하고 있어요',
    panel: '사연에 한 사람씩 답하고 있어요',
    reaction: '서로의 답에 한마디씩 하고 있어요',
    result: '투표 결과를 이야기하고 있어요',
    say: '진행자가 부탁한 말이에요',
  } as Readonly<Record<string, string>>,
  turnLabels: {
    opening: '여는 말',
    closing: '마무리',
    story: '사연',
    panel: '첫 생각',
    reaction: '반응',
    result: '투표 결과',
  } as Readonly<Record<string, string>>,
  turnLabelHints: {
    panel: '사연을 듣고 처음 내놓은 생각',
    reaction: '다른 사람의 답을 듣고 한 말',
  } as Readonly<Record<string, string>>,
  storyKind: '사연',
  castLabel: '지금 나와 있는 사람',
  nobodyYet: '아직 조용해요. 첫 이야기를 들려주세요.',
  startersLabel: '이런 이야기로 시작해 볼까요?',
  starters: [
    '썸인지 아닌지 헷갈려요',
    '요즘 연락이 뜸해져서 서운해요',
    '헤어졌는데 아직 마음이 아파요',
    '고백해도 괜찮을까요?',
  ],

  chatLabel: '채팅',
  you: '나',
  newLines: (count: number) => (count > 99 ? '새 메시지 99+' : `새 메시지 ${count}`),
  toLatest: '최신 메시지로',
  linesArrived: (count: number) => `새 메시지 ${count}개`,
  loadingOlder: '이전 대화를 불러오는 중',
  olderFailed: '이전 대화를 불러오지 못했어요',
  again: '다시 시도',
  beingAnswered: '답하는 중',
  answeredAlike: '함께 답하는 중',
  withdrawn: { teller: '본인이 거둔 이야기예요', operator: '진행자가 가린 이야기예요' } as Readonly<
    Record<string, string>
  >,
  withdrawnBySomebody: '거둔 이야기예요',
  showOpened: '방송이 시작됐어요',
  showClosed: '방송이 끝났어요',
  cuts: {
    interrupted: '여기까지 말하고 멈췄어요',
    preempted: '다른 이야기가 들어와 여기서 멈췄어요',
    skipped: '진행자가 다음으로 넘겼어요',
    withdrawn: '사연을 거두셔서 여기서 멈췄어요',
    closed: '방송이 끝나 여기서 멈췄어요',
    no_viewers: '모두 자리를 비워 여기서 멈췄어요',
  } as Readonly<Record<string, string>>,
  notice: '이 방의 인물은 사람이 아니라 AI가 연기해요. 답은 참고로만 들어 주세요.',
  entered: (name: string) => `${name} 님이 자리에 앉았어요`,
  left: (name: string) => `${name} 님이 자리를 비웠어요`,
  phases: {
    scheduled: '곧 시작',
    opening: '여는 말',
    chatting: '수다',
    story: '사연',
    panel: '패널',
    poll: '투표',
    break: '쉬는 시간',
    closing: '마무리',
    over: '끝',
  } as Readonly<Record<string, string>>,
  phaseBegan: {
    story: '사연을 읽는 시간이에요',
    panel: '사연 하나에 모두 함께 답하는 시간이에요',
    break: '잠시 쉬었다 올게요',
    closing: '이제 마무리할 시간이에요',
  } as Readonly<Record<string, string>>,
  breakOver: '다시 돌아왔어요. 이야기를 이어 가요.',
  scheduledRest: '곧 시작해요. 먼저 이야기를 나누고 있어도 좋아요.',
  breakRest: '잠시 쉬는 중이에요. 곧 돌아올게요.',
  overRest: '오늘 방송은 여기까지예요. 함께해 주셔서 고마워요.',

  money: (amount: number, currency: string) =>
    currency === 'KRW' ? `${MONEY.format(amount)}원` : `${MONEY.format(amount)} ${currency}`,
  donated: (sum: string) => `${sum} 후원`,

  programLabel: '지금 진행 중인 것',
  pinned: '고정',
  pinnedLine: (text: string) => `고정된 말: ${text}`,
  showMore: '더 보기',
  showLess: '접기',

  storyTell: '사연 보내기',
  storyMine: (place: number) => (place > 0 ? `내 사연 ${place}번째` : '내 사연'),
  storiesWaiting: (count: number) => `사연 ${count}개가 기다리고 있어요`,
  storyTitle: '사연 보내기',
  storyLead: '방송에서 읽고 함께 이야기해요. 실명, 연락처, 학교와 회사 이름은 빼 주세요.',
  storyName: '제목',
  storyNameHint: '한 줄로 적어 주세요',
  storyText: '사연',
  storyTextHint: '누구와 어떤 일이 있었고, 지금 무엇이 고민인지 편하게 적어 주세요.',
  storyStage: '지금 어떤 사이인가요?',
  stages: {
    some: '썸',
    dating: '연애 중',
    breakup: '이별',
    reunion: '재회',
    married: '결혼',
    crush: '짝사랑',
    other: '그 밖에',
  } as Readonly<Record<string, string>>,
  storyAge: '나이대',
  ageBands: {
    'under-19': '19세 미만',
    '19-24': '19–24',
    '25-29': '25–29',
    '30-39': '30–39',
    '40+': '40 이상',
  } as Readonly<Record<string, string>>,
  storyAnonymous: '익명으로 읽어 주세요',
  storyAnonymousHint: (nick: string) => `끄면 별명 ‘${nick}’(으)로 소개돼요.`,
  storyClip: '짧은 영상에 써도 괜찮아요',
  storyClipHint: '방송이 끝난 뒤 다시보기 영상에 담길 수 있어요.',
  storySend: '사연 보내기',
  storySending: '보내는 중',
  storyClose: '닫기',
  storyFaults: {
    title: '제목을 적어 주세요.',
    title_long: '제목은 60자까지 쓸 수 있어요.',
    short: '조금만 더 들려주세요. 30자부터 보낼 수 있어요.',
    long: '2,000자까지 쓸 수 있어요. 조금만 줄여 주세요.',
    stage: '지금 어떤 사이인지 골라 주세요.',
    age: '나이대를 골라 주세요.',
    under_age: '사연은 19세부터 받고 있어요. 청소년상담전화 1388에서 이야기를 들어 드려요.',
  } as Readonly<Record<string, string>>,
  storyWaitingTitle: '사연이 순서를 기다리고 있어요',
  storyPlace: (place: number) => `내 사연: ${place}번째`,
  storyNext: '곧 읽을 차례예요',
  storyPlaceHint: '순서가 오면 여기에서 알려 드릴게요. 방을 나가도 사연은 그대로 있어요.',
  storyWithdraw: '사연 거두기',
  storyWithdrawSure: '정말 거둘게요',
  storyOpened: '지금 당신의 사연을 읽고 있어요',
  storyOpenedOk: '알겠어요',
  storyTeller: (nick: string) => (nick === '' ? '익명' : nick),
  storyOnAir: '지금 읽는 사연',
  storyTogether: '다 함께 답해요',

  poll: '투표',
  pollOver: '투표 결과',
  pollBegan: (question: string) => `투표가 시작됐어요: ${question}`,
  pollEnded: (winner: string, percent: number) => `투표가 끝났어요: ${winner} ${percent}%`,
  pollEndedDraw: (winners: string) => `투표가 끝났어요: ${winners} 공동 1위`,
  pollEndedEmpty: '투표가 끝났어요. 이번에는 표가 없었어요.',
  pollLeft: (seconds: number) =>
    seconds >= 60 ? `${Math.floor(seconds / 60)}분 ${seconds % 60}초 남음` : `${seconds}초 남음`,
  pollSoonOver: '곧 마감돼요',
  pollVotes: (count: number) => `${count.toLocaleString('ko-KR')}표`,
  pollMine: '내 표',
  pollHint: '하나를 골라 주세요. 끝나기 전까지 바꿀 수 있어요.',
  pollFailed: '투표하지 못했어요. 한 번 더 눌러 주세요.',
  pollWinner: '1위',

  reactLabel: '반응 보내기',
  reactions: {
    heart: '하트',
    laugh: '웃음',
    cry: '눈물',
    cheer: '응원',
    surprised: '놀람',
    clap: '박수',
  } as Readonly<Record<string, string>>,

  memoryOpen: '나에 대한 기억',
  memoryTitle: '나에 대한 기억',
  memoryLead:
    '켜 두면 네 사람이 들려주신 이야기를 기억했다가 다음에 이어서 이야기해요. 언제든 끄고 지울 수 있어요.',
  memoryGuest: '지금은 손님이라 오늘 밤만 기억해요. 12시간이 지나면 저절로 지워져요.',
  memoryConsent: '내 이야기를 기억해도 돼요',
  memoryOffHint: '끄면 지금까지의 기억도 모두 지워져요.',
  memoryEmpty: '아직 기억하고 있는 이야기가 없어요.',
  memoryOff: '지금은 아무것도 기억하지 않아요.',
  memoryList: '기억하고 있는 이야기',
  memoryKinds: { fact: '들려준 이야기', counsel: '나눈 조언' } as Readonly<Record<string, string>>,
  memoryTonight: '오늘 밤만',
  memoryUntil: (day: string) => `${day}까지`,
  memoryForget: '지우기',
  memoryForgetOne: (text: string) => `지우기: ${text}`,
  memoryForgetAll: '모두 지우기',
  memoryForgetAllSure: '정말 모두 지울게요',
  memoryFailed: '지금은 기억을 불러오지 못했어요.',
  memoryActFailed: '바꾸지 못했어요. 잠시 뒤 다시 해 주세요.',
  memoryLoading: '불러오는 중',

  composerLabel: '이야기 쓰기',
  composerHint: '고민을 편하게 적어 주세요',
  composerOver: '방송이 끝난 방이에요',
  slowBegan: (seconds: number) =>
    `이야기가 쏟아져서 천천히 모드를 켰어요. ${inWords(seconds)}에 한 마디씩 나눠요.`,
  slowLonger: (seconds: number) => `조금 더 천천히, 이제 ${inWords(seconds)}에 한 마디씩이에요.`,
  slowShorter: (seconds: number) => `한결 여유로워졌어요. 이제 ${inWords(seconds)}에 한 마디씩이에요.`,
  slowEnded: '천천히 모드가 끝났어요. 편하게 이야기해 주세요.',
  slowRule: (seconds: number) => `천천히 모드 · ${inWords(seconds)}에 한 마디`,
  slowLeft: (seconds: number) => `${seconds}초 뒤에 보낼 수 있어요`,
  slowOver: '이제 보낼 수 있어요.',
  send: '보내기',
  sendIn: (seconds: number) => `보내기, ${seconds}초 뒤에`,
  counter: (used: number, most: number) => `${used}/${most}`,
  tooLong: (most: number) => `${most}자까지 쓸 수 있어요. 조금만 줄여 주세요.`,
  pending: '보내는 중',
  waiting: '연결되면 다시 보낼게요',
  failed: '보내지 못했어요',
  retry: '다시 보내기',
  discard: '지우기',

  connecting: '방송국에 연결하는 중이에요',
  connected: '연결됨',
  moving: '잠시 자리를 옮겨 앉는 중이에요',
  lost: '연결이 끊겨 다시 잇는 중이에요. 쓰신 글은 그대로 있어요.',
  refused: '연결이 닫혔어요.',
  reconnect: '다시 연결',

  nickTitle: '뭐라고 불러 드릴까요?',
  nickHint: '실명 대신 별명을 권해요. 언제든 바꿀 수 있어요.',
  nickLabel: '별명',
  nickSave: '이 이름으로',
  nickCancel: '그만두기',
  nickBad: '1자에서 20자까지 쓸 수 있어요.',
  nickFailed: '이름을 바꾸지 못했어요. 잠시 뒤 다시 해 주세요.',
  nickChange: (nick: string) => `별명 ${nick}, 바꾸기`,
  guest: '손님',

  missingTitle: '그런 방은 없어요',
  missingLead: '주소가 바뀌었거나 방송이 문을 닫았을 수 있어요.',
  toLobby: '로비로 가기',
  shutTitle: '이 방에 들어갈 수 없어요',

  helpTitle: '지금 많이 힘드시군요',
  helpLead:
    '이 이야기는 방에 올리지 않았어요. 잘못하신 것이 아니에요. 지금 바로 사람과 이야기할 수 있는 곳이 있어요.',
  helpLines: [
    { number: '109', name: '자살예방 상담 · 24시간' },
    { number: '1366', name: '여성긴급전화 · 폭력, 스토킹, 불법 촬영' },
    { number: '112', name: '경찰 · 지금 위험할 때' },
    { number: '119', name: '구급' },
  ],
} as const;

const REFUSALS: Readonly<Record<number, string>> = {
  100: '잠시 문제가 있었어요. 다시 보내 볼까요?',
  101: '로그인 정보가 바뀌었어요. 다시 연결할게요.',
  102: '이 방을 찾지 못했어요.',
  103: '이 방에서는 지금 쓸 수 없어요.',
  106: '글이 너무 길어요. 조금만 줄여 주세요.',
  107: '보낼 수 없는 글이에요. 내용을 확인해 주세요.',
  108: '지금은 잠시 쓸 수 없어요.',
  109: '로그인 정보가 오래됐어요. 다시 연결할게요.',
  111: '조금 빨라요. 잠깐 숨 고르고 다시 보내 주세요.',
  400: '혼자 두지 않을게요. 아래 번호로 이야기해 주세요.',
  401: '함께 보는 방이라 이 말은 올릴 수 없어요. 다른 말로 적어 주세요.',
  402: '천천히 모드예요. 몇 초 뒤에 다시 보내 주세요.',
  403: '지금은 채팅이 잠시 멈춰 있어요.',
  404: '방송이 끝났어요. 다음에 또 이야기해요.',
  406: '글이 너무 길어요. 조금만 줄여 주세요.',
  407: '나이 확인이 필요한 방이에요.',
};

/** What to tell the viewer about an error code. Codes below 100 are the transport's. */
export function refusalWords(code: number): string {
  return (
    REFUSALS[code] ??
    (code < 100 ? '연결이 고르지 않아 보내지 못했어요.' : '보내지 못했어요. 다시 시도해 주세요.')
  );
}

/** Whether sending the same words again can help. */
export function mayRetry(code: number): boolean {
  return code < 100 || [100, 101, 108, 109, 111, 402, 403].includes(code);
}

/** What to tell a teller whose story was not taken. */
export function storyRefusalWords(code: number): string {
  switch (code) {
    case 106:
      return '먼저 보낸 사연이 아직 기다리고 있어요. 그 사연을 읽은 뒤에 다시 보내 주세요.';
    case 107:
      return '사연을 다시 확인해 주세요. 보이지 않는 글자가 있거나 너무 짧을 수 있어요.';
    case 407:
      return words.storyFaults.under_age ?? '';
    case 401:
      return '함께 듣는 방이라 그대로는 읽기 어려운 말이 있어요. 조금만 바꿔 주세요.';
    default:
      return refusalWords(code);
  }
}
