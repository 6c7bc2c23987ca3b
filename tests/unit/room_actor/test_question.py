"""What a line of chat is by its words, on lines as people write them."""

import pytest

from room_actor.question import ASKS, addressed, is_question, points
from store.ids import PersonaId

QUESTIONS = """
전남친 연락 왔는데 받아도 되나요
전남친한테 연락왔는데 받아도 돼요??
고백은 언제 하는 게 좋을까요
썸남이 답장을 안 하는데 왜 그럴까요
이거 그린라이트인가요
이 사람 저한테 관심 있는 건가요
소개팅 애프터 제가 먼저 연락해도 될까
여친 생일선물 뭐가 좋아요
권태기 어떻게 극복해요
헤어진 지 한 달 됐는데 연락해도 괜찮을까요 ㅠㅠ
남친이 거짓말한 거 같은데 물어볼까 말까
첫 데이트 어디로 가야 해요
나이 차이 열 살 어때요
이거 바람이냐
다시 만나도 될까요?
언니는 첫사랑 있어요?
얘 나 좋아하는 거 맞지?
읽씹당했는데 한 번 더 보내도 되나
카톡 프사 내린 건 무슨 뜻이에요
그 사람 마음을 어떻게 알 수 있죠
차였는데 친구로 지낼 수 있나요?
어떻게 해야 할지 모르겠어요
고백 멘트 추천 좀 해 주세요
조언 부탁드려요 ㅠ
재회 가능할까요…
남사친이 자꾸 연락하는데 선 그어야 하나요
결혼 전에 동거 어떻게 생각하세요
썸 몇 달까지 타 보셨어요
왜 남자들은 답장이 느려요
사귀자는 말 없이 손잡으면 뭐예요
이 상황에서 누가 먼저 사과해야 해요
헤어지자고 말하려는데 만나서 해야겠죠?
좋아하는 티 내는 게 나을까
장거리 연애 얼마나 자주 만나야 돼요
이별 후에 짐은 어떻게 돌려받죠 ㅠㅠㅠ
환승이별 당했는데 잊는 법 알려 주세요
여자친구가 화났는데 뭐라고 해야 풀릴까ㅋㅋ
먼저 번호 물어봐도 돼
내가 예민한 거니
연락 빈도 어느 정도가 정상인가여
세현님은 이상형이 뭐예요
둘 중에 누구를 만나야 할까여ㅠ
저만 그런가요
밀당 꼭 해야 돼요?
전여친 인스타 보는 남친 이해해야 하나
고백받았는데 어떡하죠
아 어떡하지 ㅠㅠ
상대가 회피형이면 헤어지는 게 답인가
커플링 언제쯤 맞춰요
남친 군대 갔는데 기다려야 될까
부모님이 반대하시는데 설득 방법 있을까요
다들 첫 키스 언제 했어
그 정도면 끝난 거 아니에요?
궁금한 게 있는데 혈액형 믿으세요?
애인 있는 사람 좋아하면 나쁜 건가
오늘 만나는데 뭐 입고 가지
이거 나만 서운한 거야?
소개팅남이 더치페이하자는데 정상이에요?
고백 타이밍 언제
왜 답장이 안 올까
답장 기다리는데 몇 시간까지 기다려
이혼하고 다시 연애할 수 있을까요
데이트 비용 반반 어떻게 생각해?
결혼 얘기 언제 꺼내는 게 좋나요
질문 있어요 바람기는 고쳐지나요
회사 동료 좋아하면 안 되나요
썸녀한테 생일 챙겨줘야 되나
이 남자 믿어도 될까요 도와주세요
남친이 제 폰을 보려고 하는데 정상인가요 너무 불안해요
카톡 말투가 갑자기 바뀌었는데 왜 이러는 걸까
사친이랑 단둘이 여행 가는 거 이해 가능?
전 애인이랑 친구로 지내는 거 에바임?
연애하면서 돈 문제로 싸우는데 다들 어떠세요
남편이 퇴근하고 말을 안 해요 제가 뭘 잘못한 걸까요
상견례 때 뭐 조심해야 하나여
헤어진 사람 꿈에 나오는 건 왜 그런 거예요
여사친 있는 남자 만나도 ㄱㅊ?
맘에 드는 사람한테 말 거는 팁 좀 주세요
크리스마스에 뭐하는지 물어보면 부담스러울까
저 차인 거죠
단답하는 사람 마음 없는 거겠죠
사과를 받아줘야 맞는 거야
이 정도면 고백각임
이상형 아닌데 끌리면 만나 봐야 되는 건지
계속 만나는 게 맞는지 모르겠어요
연상 연하 커플 현실적으로 어떤가요
모솔인데 소개팅 나가서 무슨 얘기 해야 할지
답장 텀이 8시간이면 관심 없는 거지?
짝남이 다른 여자랑 있는 거 봤는데 포기해야 하니
어장 당하는 건지 아닌지 어떻게 구별해
취했을 때 전화 오는 건 진심임?
권태기인지 식은 건지 구분법 있어요?
남친 부모님 처음 뵙는데 선물 뭐 사 가
동거 반대하는 부모님 어케 설득함
""".strip().splitlines()

OTHERS = """
진짜?
ㅋㅋㅋㅋ
ㅋㅋ 진짜? ㅋㅋ
헐
헐??
??
?
ㅠㅠㅠㅠ 힘내세요
안녕하세요
안녕 언니
오늘 처음 왔어요
와 대박
정말요?
실화냐 ㅋㅋㅋ
이거 실화?
언니 목소리 너무 좋아요
저도 그랬어요
어제 헤어졌어요
남친이 바람폈어요
3년 사귀다가 헤어졌습니다
뭐래 ㅋㅋㅋ
왜 저래 ㅋㅋ
그건 좀 아니다
힘내
화이팅
맞아요 맞아요
그렇죠
그쵸 ㅋㅋ
인정
ㅇㅈ
와 미쳤다
저는 아직 솔로예요
시간이 약이더라고요
누구나 다 그래요
언제나 응원해요
어떻게든 될 거예요
누가 그러더라고요 시간이 약이라고
왜냐하면 제가 먼저 잘못했거든요
언젠가는 좋은 사람 만나겠죠
뭐든 잘 될 거예요
뭔가 슬프네
오늘 방송 재밌어요
그러니까 헤어졌지
답답하니까 그냥 말했어요
연락하지 마세요
우리 언니
할머니가 보고 싶다
나 오늘 생일이야
방금 들어왔어요
눈물 난다
아니
아니 그건 아니지
저는 괜찮아요
오 좋은데요
공감 백 퍼센트
그래서 결국 다시 만났어요
썸 타는 중이에요 설레요
고백했다가 차였어요 ㅠ
커피 마시면서 듣는 중
하나 둘 셋
내일 시험인데 이거 보는 나
남자친구 군대 갔어요
감사합니다 잘 들었어요
세현 언니 최고
목소리 진짜 꿀이다
ㅋㅋㅋ 미쳤나 봐
어머 어떡해 ㅠㅠ
집에 가요
바다 보러 가요 우리
저만 믿고 따라오세요
결혼은 현실이에요
사랑이 뭐라고 참
다들 굿밤
와 이 노래 뭐야 좋다
저 오늘 고백하고 왔어요
ㅋㅋㅋㅋ 진짜냐고
오빠 믿지 ㅋㅋ
이래서 연애를 못 하지
다 지나가요
그런 사람 만나지 마요
저도 궁금했는데 감사해요
님 힘내세요 좋은 날 올 거예요
어디서 많이 들어 본 얘기네요
왜 내 얘기 같지
언니 말이 다 맞아
몇 번을 말해도 안 들어요
사귄 지 백일 됐어요 축하해 주세요
누구 얘기인지 알겠다
남친 보고 싶다
배고프다 치킨 먹어야지
그러게 말이에요
헤어지길 잘했지 뭐
아 그래서 그랬구나
뭐 그럴 수도 있지
첫사랑은 안 이뤄진다니까
어제 방송 못 봤어 ㅠ
다음에 또 올게요
""".strip().splitlines()

NEW_QUESTIONS = """
남친이 여사친이랑 영화 봤대요 화내도 되는 부분인가요
먼저 손 잡아도 되는 타이밍이 언제일까
썸녀가 갑자기 존댓말 써요 멀어진 걸까요
데이트 신청 거절당했는데 다시 해볼까요
3살 연하인데 진지하게 만나도 될런지
카페에서 번호 따는 거 요즘도 통함?
남친 폰에 데이팅 앱 있으면 바로 헤어져야 하죠
기념일 안 챙기는 사람 이해해 줘야 됨?
그 사람은 무슨 생각일까
한 번 바람피운 사람은 또 피우겠죠?
사랑한다는 말을 안 하는데 서운하다고 말해도 괜찮을지
결혼식 축의금 전 애인한테 보내나
얼마 만에 사귀자고 해야 적당해요
저한테 마음이 떠난 거 맞죠
이런 남자 어떻게 거절해
친구가 제 짝남이랑 사귄대요 저 어쩌면 좋아요
잠수 이별 당한 사람 있어요
연애 고수님들 조언 좀요
답장 먼저 안 하면 관심 없는 거예요
비밀 연애 들킨 것 같은데 인정해야 되나 말아야 되나
""".strip().splitlines()

NEW_OTHERS = """
언니 덕분에 용기 냈어요
나도 저런 남친 있었으면
왜 눈물이 나지 ㅠㅠ
아무도 나를 안 좋아해
어떤 마음인지 알 것 같아요
그냥 보고 싶어서 왔어요
에이 설마
얼마나 힘드셨을까 ㅠㅠ
퇴근하고 바로 왔다
사랑은 타이밍이지
결국 내가 먼저 연락했어
괜찮아요 다 지나갈 거예요
언제 봐도 예쁘다
우리 남편은 절대 안 그래요
뭐라 할 말이 없네
세현님 말투 중독된다
다음 사연 기대돼요
그런 남자 버려요
이런 방송 처음 봐요 신기
저기요 거기 싸우지 마세요
""".strip().splitlines()
"""Lines that were written after the patterns, which were not changed for them since."""


def test_the_list_is_long_enough_to_mean_something():
    assert len(set(QUESTIONS) | set(OTHERS)) == len(QUESTIONS) + len(OTHERS) == 191


def found(questions, others):
    """Precision and recall, and the lines that were taken for what they are not."""
    missed = [line for line in questions if not is_question(line)]
    wrong = [line for line in others if is_question(line)]
    right = len(questions) - len(missed)
    return right / (right + len(wrong)), right / len(questions), missed + wrong


def test_questions_are_known_and_little_else_is_taken_for_one():
    precision, recall, mistaken = found(QUESTIONS, OTHERS)
    assert precision >= 0.95, (precision, mistaken)
    assert recall >= 0.95, (recall, mistaken)


def test_it_is_right_about_lines_that_it_was_not_made_after():
    precision, recall, mistaken = found(NEW_QUESTIONS, NEW_OTHERS)
    assert precision >= 0.8, (precision, mistaken)
    assert recall >= 0.7, (recall, mistaken)


@pytest.mark.parametrize("line", ["진짜?", "ㅋㅋ 진짜? ㅋㅋ", "?", "정말요??", "왜?", "헐?", ""])
def test_surprise_is_no_question(line):
    assert points(line) == 0


def test_a_polite_form_with_a_mark_asks_more_than_either_alone():
    assert points("받아도 되나요?") > points("받아도 되나요") >= ASKS
    assert points("받아도 되나요?") > points("받아요?") >= ASKS


def test_an_address_with_a_question_mark_in_it_asks_nothing():
    assert not is_question("https://example.org/?q=1 들어와")


NAMES = {
    PersonaId("hong"): "홍세현",
    PersonaId("oh"): "오율",
    PersonaId("kang"): "강시현",
    PersonaId("anna"): "Anna",
}


@pytest.mark.parametrize(
    ("line", "persona"),
    [
        ("홍세현 언니 어떻게 생각해요", "hong"),
        ("세현언니 최고", "hong"),
        ("@세현 안녕", "hong"),
        ("세현님 질문이요", "hong"),
        ("시현아 나 어떡해", "kang"),
        ("저는 강시현 팬", "kang"),
        ("오율 님은요", "oh"),
        ("율님 답해주세요", "oh"),
        ("율아 안녕", "oh"),
        ("anna what now", "anna"),
        ("시현이랑 세현이 중에", "kang"),
        ("확률이 낮아요", None),
        ("율", None),
        ("박세현 아세요", None),
        ("annabel", None),
        ("아무나 답해 주세요", None),
    ],
)
def test_a_line_addresses_the_persona_it_names_first(line, persona):
    assert addressed(line, NAMES) == persona


def test_nobody_is_addressed_in_a_room_without_names():
    assert addressed("세현 언니", {}) is None


def test_a_name_that_two_share_is_taken_in_full():
    names = {PersonaId("a"): "홍세현", PersonaId("b"): "김세현"}
    assert addressed("김세현 님", names) == "b"
    assert addressed("세현 님", names) == "a"
