commitment-city = 政府应在 { $day } 前为{ $about }完成：{ WORKS($does) }
commitment-due = { $day } 已过
commitment-household = { $about } 住户应在 { $day } 前完成：{ WORKS($does) }
commitment-kind = 没有整治内容 { $kind }
commitment-unsigned = 尚无签字
commitment-works = { $about } 未验收
