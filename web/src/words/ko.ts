/** Owns every Korean word of the page, so that another language is one more file. */

/** A slow mode's interval: 60 and 120 are minutes. */
const inWords = (seconds: number) => (seconds % 60 === 0 ? `${seconds / 60}분` : `${seconds}초`);

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
  why: {
    oldest: '먼저 기다린 순서',
    waiting: '먼저 기다린 순서',
    question: '질문 먼저',
    mention: '이름을 불러 주셔서',
    story: '사연 먼저',
    paid: '후원 먼저',
    similar: '비슷한 이야기 함께',
  } as Readonly<Record<string, string>>,
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
  firstLine: '여기서 방송이 시작됐어요',
  beingAnswered: '답하는 중',
  showOpened: '방송이 시작됐어요',
  showClosed: '방송이 끝났어요',
  cut: '여기까지 말하고 멈췄어요',

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
  composerEntering: '방에 들어가는 중이에요',
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
