"""Polyphones in sentences: what stands around a character decides."""

from __future__ import annotations

import re

import pytest

from synthesis.text import make_script

# A reading stands in braces behind its character.
SENTENCES = """
请到银行{hang2}柜台办理，行{hang2}长{zhang3}已批示
同行{xing2}人员须登记，同行{hang2}竞争激烈
该行{gai1 hang2}业监管由我局负责
行{xing2}至路口请减速，自行{xing2}处{chu3}理
这一行{hang2}文字看不清
第三行{hang2}第二列
发行{xing2}债券，行{xing2}将结束
树木长{zhang3}得{de5}太高
路灯间距过长{chang2}
长{chang2}此以往，学生长{zhang3}高了
孩子长{zhang3}了虫牙
长{chang2}三米，宽两米
全长{chang2}三公里，排长{chang2}队等候
长{zhang3}辈和晚辈
行李太重{zhong4}，重{chong2}装系统
重{chong2}听请按井号键
请重{chong2}新拨打
违者从重{zhong4}处{chu3}罚
三重{chong2}保障，重{chong2}庆市
电梯载重{zhong4}一吨
调{tiao2}低音量，调{diao4}档案
公积金调{tiao2}基数
调{diao4}岗通知，工资上调{tiao2}
噪音调{tiao2}解无效
车辆调{diao4}度，语调{diao4}平和
还{hai2}没有答复，欠款已还{huan2}
请把押金还{huan2}给我
还{huan2}车后不退押金
还{hai2}不退钱，还{hai2}得{dei3}等
什么时候还{huan2}钱
房贷还{huan2}多少年
得{dei3}本人来办，跑得{de5}快
你得{dei3}提供证明
不得{de2}擅自停车，做得{de5}好
说得{de5}对，值得{de2}表扬
这事得{dei3}抓紧
要不得{de5}，舍不得{de5}
看着{zhe5}办，门锁着{zhe5}
着{zhao2}火了请拨打119
电线着{zhao2}了，找不着{zhao2}人
穿着{zhuo2}整齐，穿着{zhe5}校服
向着{zhe5}目标，随着{zhe5}时间推移
了{liao3}解情况，办不了{liao3}
吃不了{liao3}兜着走
受不了{liao3}噪音，解决了{le5}问题
为{wei4}群众办实事，成为{wei2}典范
定为{wei2}每周三，为{wei4}此我们道歉
选为{wei2}代表，为{wei4}什么不通知
以人为{wei2}本，为{wei2}官一任
为{wei4}您转接，作为{wei2}回应
投诉处{chu4}，处{chu3}罚决定
相处{chu3}融洽，一处{chu4}工地
正处{chu3}于施工期，处{chu4}长
人行道处{chu4}积水，住处{chu4}附近
数{shu3}一数{shu3}人数{shu4}
数{shu4}十人围观，不可胜数{shu3}
数{shu3}九寒天，数{shu4}次投诉
传{chuan2}播谣言，自传{zhuan4}
传{chuan2}唤，水浒传{zhuan4}
背{bei4}后，背{bei1}书包
背{bei1}着老人下楼，背{bei4}诵
强{qiang2}降{jiang4}雨，强{qiang3}词夺理
强{qiang3}买强{qiang3}卖，牵强{qiang3}
强{qiang2}行收费，强{qiang3}迫交易
降{jiang4}价，投降{xiang2}
气温骤降{jiang4}，降{jiang4}水
空{kong4}出车位，空{kong1}调外机
抽空{kong4}来办，空{kong4}地
没空{kong4}来，房屋空{kong4}置
便{bian4}民，便{pian2}宜
大便{bian4}，随便{bian4}停车
供{gong1}暖不热，供{gong4}奉
应{ying1}交多少，应{ying4}诉
应{ying1}予处理，答应{ying4}了
应{ying4}运而生，理应{ying1}如此
应{ying1}于五日内完成
相{xiang1}互，照相{xiang4}
相{xiang4}机，真相{xiang4}大白
看{kan1}护病人，看{kan4}病
看{kan1}门的保安
差{cha1}价，差{cha4}不多
差{cha4}五分八点，参差{ci1}
出差{chai1}，质量差{cha4}
当{dang1}事人，当{dang4}作
大{dai4}夫看病，大{da4}厅
大夫{fu5}，丈夫{fu1}
都{dou1}来办理，首都{du1}
都{du1}市，每天都{dou1}有
干{gan1}旱，干{gan4}部
干{gan4}活，干{gan1}净
树干{gan4}，干{gan1}预
补给{ji3}，寄给{gei3}
好{hao4}学，好{hao3}处
爱好{hao4}，做好{hao3}
划{hua2}船，划{hua4}分
会{kuai4}计，会{hui4}议
奇{ji1}数，奇{qi2}迹
系{ji4}鞋带，关系{xi4}
假{jia4}期，假{jia3}证
请假{jia4}，假{jia3}一赔三
间{jian4}隔，房间{jian1}
将{jiang4}领，将{jiang1}来
角{jue2}色，角{jiao3}落{luo4}
教{jiao1}英语，请教{jiao4}
校{jiao4}对，校{xiao4}车
结{jie1}实，结{jie2}婚
解{jie3}决，押解{jie4}
禁{jin1}不起，禁{jin4}止
尽{jin3}量，尽{jin4}力
劲{jin4}头，强劲{jing4}
卷{juan3}帘门，试卷{juan4}
卡{qia3}住了，卡{ka3}车
乐{yue4}器，乐{le4}园
落{la4}下东西，落{luo4}户
累{lei4}了，累{lei3}计
量{liang2}体温，量{liang4}大
陆{lu4}续，陆{liu4}万元
露{lu4}天，露{lou4}馅
埋{man2}怨，埋{mai2}设
没{mo4}收，没{mei2}收到
蒙{meng2}蔽，蒙{meng3}古
模{mu2}样，模{mo2}型
灾难{nan4}，难{nan2}办
宁{ning4}可，安宁{ning2}
漂{piao1}流，漂{piao4}亮
铺{pu1}路，商铺{pu4}
切{qie1}除，切{qie4}勿
曲{qu1}折，歌曲{qu3}
圈{quan1}地，羊圈{juan4}
散{san4}步，散{san3}装
扫{sao3}地，扫{sao4}帚
少{shao3}数，少{shao4}年
省{sheng3}份，反省{xing3}
盛{cheng2}饭，盛{sheng4}大
似{si4}乎，似{shi4}的
提{di1}防，提{ti2}供
挑{tiao1}选，挑{tiao3}战
削{xue1}减，削{xiao1}皮
兴{xing1}旺，兴{xing4}趣
畜{xu4}牧，牲畜{chu4}
要{yao1}求，要{yao4}是
佣{yong4}金，雇佣{yong1}
与{yu4}会，与{yu3}其
晕{yun1}倒{dao3}，晕{yun4}车
载{zai4}客，记载{zai3}
脏{zang1}乱差{cha4}，心脏{zang4}
涨{zhang3}价，涨{zhang4}红
朝{zhao1}气，朝{chao2}向
折{she2}本，折{zhe2}扣
正{zheng1}月，正{zheng4}好
挣{zheng4}钱，挣{zheng1}扎
中{zhong4}奖，中{zhong1}心
种{zhong4}树，种{zhong3}类
转{zhuan3}接，转{zhuan4}圈
转{zhuan3}人工，旋转{zhuan3}
倒{dao4}垃圾，倒{dao3}塌
倒{dao4}车，树倒{dao3}了
墙倒{dao3}了，乱倒{dao4}垃圾
弹{tan2}性，炸弹{dan4}
分{fen4}内，分{fen1}开
身份{fen4}，部分{fen5}
答{da1}应，答{da2}复
担{dan1}保，重{zhong4}担{dan4}
勾{gou4}当，勾{gou1}结
冠{guan4}军，冠{guan1}心病
龟{jun1}裂，乌龟{gui1}
济{ji3}南，经济{ji4}
他们还{huan2}了{le5}钱，还{hai2}得{dei3}付违约金
还{hai2}有三天，还{hai2}没还{huan2}
他得{de2}了病，他得{dei3}去医院，得{de2}出结论
行{xing2}道树长{zhang3}得{de5}很高，这条路比较长{chang2}
年长{zhang3}一岁，增长{zhang3}大约一成，校长{zhang3}高兴
应{ying1}不超过三天，反应{ying4}不及时，供不应{ying4}求
倒{dao4}水，墙倒{dao3}了，摔倒{dao3}车旁
天空{kong1}出现云，空{kong4}出车位，有空{kong4}来
穿着{zhe5}校服，穿着{zhuo2}整齐
宗教{jiao4}教{jiao4}育，教{jiao1}会学生
社保卡{ka3}住房补贴，门被卡{qia3}住了
次数{shu4}了{liao3}解，数{shu3}了一遍
温差{cha1}五度，差{cha4}五分八点
严重{zhong4}发展，重{chong2}发工资
"""
_MARKED = re.compile(r"(.)\{([a-z]+\d)\}")


@pytest.mark.parametrize("written", SENTENCES.split())
def test_in_a_sentence(written: str) -> None:
    plain = _MARKED.sub(r"\1", written)
    bases = {one.start: one.base for one in make_script(plain).syllables}
    wanted: dict[int, str] = {}
    for match in _MARKED.finditer(written):
        wanted[len(_MARKED.sub(r"\1", written[: match.start()]))] = match[2]
    assert {place: bases[place] for place in wanted} == wanted
