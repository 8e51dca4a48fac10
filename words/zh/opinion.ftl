opinion-clause = 缺设计条款
opinion-household = 没有户 { $code }
opinion-late = 期限已于 { INSTANT($at) } 截止
opinion-nature = 此处不是公示
opinion-outcome = { WORD($nature) }不能处理为「{ WORD($disposition) }」
opinion-own = 户码不符
opinion-reply_within = { $days } 个工作日内未答复
opinion-self = 由 { $filed_by } 提出
