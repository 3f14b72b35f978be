using Chasqui.Server.Page;

namespace Chasqui.Tests.Authorization;

/// <summary>
/// Who may do what. Each line is a call as it is sent, each column is a caller, each cell is the answer.
/// <para>
/// The callers: <c>nobody</c> has no token; <c>expired</c> and <c>ended</c> are members whose token has expired or was
/// ended by <c>POST /api/logout</c>; a <c>stranger</c> has an account and was never in the group; <c>removed</c> was a
/// member until just now; a <c>member</c> is a plain one; the <c>owner</c> opened the group.
/// </para>
/// <para>
/// The words: <c>ROOM</c> is the group; <c>ME</c> the caller, and <c>MYNAME</c> how they are called; <c>OWNER</c> its
/// owner, and <c>MESSAGE</c> a message of theirs in the group; <c>OTHER</c> another member, and <c>CONNECTION</c> a hub
/// connection of theirs; <c>NEWCOMER</c> a user who is not in it; <c>FRESH</c> a name that no user has; <c>TASK</c> a task and
/// <c>SESSION</c> a session of the owner's; <c>TOKEN</c> and <c>TICKET</c> are the caller's; <c>VERSION</c> is that of the page.
/// </para>
/// <para>
/// The answers: a status; with 401 the code is <c>unauthorized</c>, with 403 <c>forbidden</c>; <c>hidden</c> is 404 over
/// HTTP and everywhere the code <c>conversation_not_found</c>, as for a conversation that does not exist. On sockets
/// <c>Ack</c> means done, 401 that the handshake is refused, 4401 that an open socket is closed with this code, and any
/// other word is the code of an error. A refused call has changed nothing.
/// </para>
/// </summary>
internal static class Matrix
{
    public static readonly string Endpoints = """
        call                                               body            |nobody|expired|ended|stranger|removed|member|owner|
        POST /api/register                                 an account      | 200  |  200  | 200 |  200   |  200  | 200  | 200 |
        POST /api/login                                    their password  | 200  |  200  | 200 |  200   |  200  | 200  | 200 |
        POST /api/logout                                                   | 401  |  401  | 401 |  200   |  200  | 200  | 200 |
        POST /api/logout/all                                               | 401  |  401  | 401 |  200   |  200  | 200  | 200 |
        POST /api/password                                 a new password  | 401  |  401  | 401 |  200   |  200  | 200  | 200 |
        POST /api/ws/ticket                                                | 401  |  401  | 401 |  200   |  200  | 200  | 200 |
        POST /api/token                                                    | 401  |  401  | 401 |  200   |  200  | 200  |  200  |
        GET /api/sessions                                                  | 401  |  401  | 401 |  200   |  200  | 200  |  200  |
        DELETE /api/sessions/SESSION                                       | 401  |  401  | 401 |  404   |  404  | 404  |  200  |
        PUT /api/blocks/OTHER                                              | 401  |  401  | 401 |  200   |  200  | 200  |  200  |
        DELETE /api/blocks/OTHER                                           | 401  |  401  | 401 |  200   |  200  | 200  |  200  |
        GET /api/blocks                                                    | 401  |  401  | 401 |  200   |  200  | 200  |  200  |
        GET /api/me                                                        | 401  |  401  | 401 |  200   |  200  | 200  | 200 |
        PATCH /api/me                                      a display name   | 401  |  401  | 401 |  200   |  200  | 200  | 200 |
        GET /api/users?query=user                                          | 401  |  401  | 401 |  200   |  200  | 200  | 200 |
        GET /api/presence?users=OWNER                                      | 401  |  401  | 401 |  200   |  200  | 200  | 200 |
        GET /api/users/OWNER                                               | 401  |  401  | 401 |  200   |  200  | 200  | 200 |
        GET /api/tasks                                                     | 401  |  401  | 401 |  200   |  200  | 200  | 200 |
        POST /api/tasks                                    a task          | 401  |  401  | 401 |  200   |  200  | 200  | 200 |
        PATCH /api/tasks/TASK                                              | 401  |  401  | 401 |  200   |  200  | 200  | 200 |
        GET /api/conversations                                             | 401  |  401  | 401 |  200   |  200  | 200  | 200 |
        POST /api/conversations                            a group         | 401  |  401  | 401 |  200   |  200  | 200  | 200 |
        POST /api/conversations                            a direct one    | 401  |  401  | 401 |  200   |  200  | 200  | 200 |
        PATCH /api/conversations/ROOM                      a name          | 401  |  401  | 401 | hidden |hidden | 200  | 200 |
        GET /api/conversations/ROOM/members                                | 401  |  401  | 401 | hidden |hidden | 200  | 200 |
        GET /api/conversations/ROOM/messages                               | 401  |  401  | 401 | hidden |hidden | 200  | 200 |
        GET /api/conversations/ROOM/messages?after=0                       | 401  |  401  | 401 | hidden |hidden | 200  | 200 |
        GET /api/conversations/ROOM/messages?around=1                      | 401  |  401  | 401 | hidden |hidden | 200  | 200 |
        GET /api/conversations/ROOM/messages?before=2                      | 401  |  401  | 401 | hidden |hidden | 200  | 200 |
        POST /api/conversations/ROOM/messages              a message       | 401  |  401  | 401 | hidden |hidden | 200  | 200 |
        GET /api/conversations/ROOM/events                                                | 401  |  401  | 401 | hidden |hidden | 200  | 200 |
        PATCH /api/conversations/ROOM/messages/MESSAGE                     new content    | 401  |  401  | 401 | hidden |hidden | 403  | 200 |
        DELETE /api/conversations/ROOM/messages/MESSAGE                                   | 401  |  401  | 401 | hidden |hidden | 403  | 200 |
        PUT /api/conversations/ROOM/read                        a place        | 401  |  401  | 401 | hidden |hidden | 200  | 200 |
        PUT /api/conversations/ROOM/messages/MESSAGE/reactions/%F0%9F%91%8D                | 401  |  401  | 401 | hidden |hidden | 200  | 200 |
        DELETE /api/conversations/ROOM/messages/MESSAGE/reactions/%F0%9F%91%8D                | 401  |  401  | 401 | hidden |hidden | 200  | 200 |
        POST /api/conversations/leave                      the room        | 401  |  401  | 401 |  200   |  200  | 200  | 200 |
        POST /api/conversations/ROOM/participants          a newcomer      | 401  |  401  | 401 | hidden |hidden | 200  | 200 |
        POST /api/conversations/ROOM/participants          the caller      | 401  |  401  | 401 | hidden |hidden | 200  | 200 |
        DELETE /api/conversations/ROOM/participants/ME                     | 401  |  401  | 401 | hidden |hidden | 200  | 200 |
        DELETE /api/conversations/ROOM/participants/OTHER                  | 401  |  401  | 401 | hidden |hidden | 403  | 200 |
        DELETE /api/conversations/ROOM/participants/OWNER                  | 401  |  401  | 401 | hidden |hidden | 403  | 200 |
        GET /api/protocol                                                  | 200  |  200  | 200 |  200   |  200  | 200  | 200 |
        POST /hubs/chat/negotiate?negotiateVersion=1                       | 401  |  401  | 401 |  200   |  200  | 200  | 200 |
        GET /hubs/chat?id=CONNECTION                                       | 401  |  401  | 401 |  404   |  404  | 404  | 404 |
        POST /hubs/chat?id=CONNECTION                      an invocation   | 401  |  401  | 401 |  404   |  404  | 404  | 404 |
        DELETE /hubs/chat?id=CONNECTION                                    | 401  |  401  | 401 |  404   |  404  | 404  | 404 |
        GET /                                                              | 200  |  200  | 200 |  200   |  200  | 200  | 200 |
        HEAD /                                                             | 200  |  200  | 200 |  200   |  200  | 200  | 200 |
        GET /page/main.js                                                  | 200  |  200  | 200 |  200   |  200  | 200  | 200 |
        HEAD /page/main.js                                                 | 200  |  200  | 200 |  200   |  200  | 200  | 200 |
        GET /page-VERSION/main.js                                          | 200  |  200  | 200 |  200   |  200  | 200  | 200 |
        HEAD /page-VERSION/main.js                                         | 200  |  200  | 200 |  200   |  200  | 200  | 200 |
        GET /openapi/v1.json                                               | 200  |  200  | 200 |  200   |  200  | 200  | 200 |
        HEAD /openapi/v1.json                                              | 200  |  200  | 200 |  200   |  200  | 200  | 200 |
        GET /asyncapi.json                                                 | 200  |  200  | 200 |  200   |  200  | 200  | 200 |
        HEAD /asyncapi.json                                                | 200  |  200  | 200 |  200   |  200  | 200  | 200 |
        GET /docs                                                          | 302  |  302  | 302 |  302   |  302  | 302  | 302 |
        HEAD /docs                                                         | 302  |  302  | 302 |  302   |  302  | 302  | 302 |
        GET /docs/docs.js                                                  | 200  |  200  | 200 |  200   |  200  | 200  | 200 |
        HEAD /docs/docs.js                                                 | 200  |  200  | 200 |  200   |  200  | 200  | 200 |
        GET /health/live                                                   | 200  |  200  | 200 |  200   |  200  | 200  | 200 |
        HEAD /health/live                                                  | 200  |  200  | 200 |  200   |  200  | 200  | 200 |
        GET /health/ready                                                  | 200  |  200  | 200 |  200   |  200  | 200  | 200 |
        HEAD /health/ready                                                 | 200  |  200  | 200 |  200   |  200  | 200  | 200 |
        """.Replace("VERSION", PageFiles.Version, StringComparison.Ordinal);

    /// <summary>What is served without being an endpoint.</summary>
    public const string Pages = """
        call                                               body            |nobody|expired|ended|stranger|removed|member|owner|
        GET /docs/rest                                                     | 302  |  302  | 302 |  302   |  302  | 302  | 302 |
        GET /docs/rest/index.html                                          | 200  |  200  | 200 |  200   |  200  | 200  | 200 |
        GET /docs/rest/swagger-ui-bundle.js                                | 200  |  200  | 200 |  200   |  200  | 200  | 200 |
        """;

    /// <summary>The last two columns are of a token that was good at the handshake, and expires or is ended then.</summary>
    public const string Handshakes = """
        call                                   the token   |nobody|expired|ended|stranger|removed|member|owner|expires|ends|
        GET /api/ws/chat?token=TOKEN                       | 401  |  401  | 401 |  101   |  101  | 101  | 101 | 4401  |4401|
        GET /api/ws/chat?ticket=TICKET                     | 401  |  401  | 401 |  101   |  101  | 101  | 101 | 4401  |4401|
        GET /api/ws/chat                       as a header | 401  |  401  | 401 |  101   |  101  | 101  | 101 | 4401  |4401|
        GET /hubs/chat?access_token=TOKEN                  | 401  |  401  | 401 |  101   |  101  | 101  | 101 | 4401  |4401|
        GET /hubs/chat/?access_token=TOKEN                 | 401  |  401  | 401 |  101   |  101  | 101  | 101 | 4401  |4401|
        GET /hubs/chat?ticket=TICKET                       | 401  |  401  | 401 |  101   |  101  | 101  | 101 | 4401  |4401|
        GET /hubs/chat                         as a header | 401  |  401  | 401 |  101   |  101  | 101  | 101 | 4401  |4401|
        """;

    /// <summary>
    /// A removed caller had joined before. A leave without a join is no error, for outsiders too: it reveals
    /// nothing about the conversation, which need not exist.
    /// </summary>
    public const string Frames = """
        frame                                                             |nobody|expired|ended|stranger|removed|member|owner|
        {"type":"hello"}                                                  | 401  |  401  | 401 |  Ack   |  Ack  | Ack  | Ack |
        {"type":"ping"}                                                   | 401  |  401  | 401 |  Ack   |  Ack  | Ack  | Ack |
        {"type":"join","conversation_id":"ROOM"}                          | 401  |  401  | 401 | hidden |hidden | Ack  | Ack |
        {"type":"join","conversation_id":"ROOM","after":0}                | 401  |  401  | 401 | hidden |hidden | Ack  | Ack |
        {"type":"leave","conversation_id":"ROOM"}                         | 401  |  401  | 401 |  Ack   |  Ack  | Ack  | Ack |
        {"type":"typing","conversation_id":"ROOM","active":true}          | 401  |  401  | 401 | hidden |hidden | Ack  | Ack |
        {"type":"read","conversation_id":"ROOM","seq":0}                  | 401  |  401  | 401 | hidden |hidden | Ack  | Ack |
        {"type":"presence","status":"away"}                               | 401  |  401  | 401 |  Ack   |  Ack  | Ack  | Ack |
        {"type":"edit","conversation_id":"ROOM","message_id":"MESSAGE","content":"ho"} | 401 | 401 | 401 | hidden |hidden |forbidden| Ack |
        {"type":"delete","conversation_id":"ROOM","message_id":"MESSAGE"} | 401  |  401  | 401 | hidden |hidden |forbidden| Ack |
        {"type":"react","conversation_id":"ROOM","message_id":"MESSAGE","emoji":"👍"} | 401 | 401 | 401 | hidden |hidden | Ack | Ack |
        {"type":"unreact","conversation_id":"ROOM","message_id":"MESSAGE","emoji":"👍"} | 401 | 401 | 401 | hidden |hidden | Ack | Ack |
        {"type":"message","conversation_id":"ROOM","content":"hi"}        | 401  |  401  | 401 | hidden |hidden | Ack  | Ack |
        """;

    /// <summary>As with the frames; two methods serve the raw transport only.</summary>
    public const string HubMethods = """
        method       argument                                 |nobody|expired|ended|  stranger  |  removed   |   member   |   owner    |
        Hello        {}                                       | 401  |  401  | 401 |unknown_type|unknown_type|unknown_type|unknown_type|
        Ping         {}                                       | 401  |  401  | 401 |unknown_type|unknown_type|unknown_type|unknown_type|
        Join         {"conversation_id":"ROOM"}               | 401  |  401  | 401 |   hidden   |   hidden   |    Ack     |    Ack     |
        Join         {"conversation_id":"ROOM","after":0}     | 401  |  401  | 401 |   hidden   |   hidden   |    Ack     |    Ack     |
        Leave        {"conversation_id":"ROOM"}               | 401  |  401  | 401 |    Ack     |    Ack     |    Ack     |    Ack     |
        SetTyping    {"conversation_id":"ROOM","active":true} | 401  |  401  | 401 |   hidden   |   hidden   |    Ack     |    Ack     |
        MarkRead     {"conversation_id":"ROOM","seq":0}       | 401  |  401  | 401 |   hidden   |   hidden   |    Ack     |    Ack     |
        SetPresence  {"status":"away"}                        | 401  |  401  | 401 |    Ack     |    Ack     |    Ack     |    Ack     |
        EditMessage  {"conversation_id":"ROOM","message_id":"MESSAGE","content":"ho"} | 401 | 401 | 401 | hidden | hidden | forbidden | Ack |
        DeleteMessage  {"conversation_id":"ROOM","message_id":"MESSAGE"} | 401  |  401  | 401 |   hidden   |   hidden   | forbidden  |    Ack     |
        React        {"conversation_id":"ROOM","message_id":"MESSAGE","emoji":"👍"} | 401 | 401 | 401 | hidden | hidden | Ack | Ack |
        Unreact      {"conversation_id":"ROOM","message_id":"MESSAGE","emoji":"👍"} | 401 | 401 | 401 | hidden | hidden | Ack | Ack |
        SendMessage  {"conversation_id":"ROOM","content":"hi"}| 401  |  401  | 401 |   hidden   |   hidden   |    Ack     |    Ack     |
        """;

    /// <summary>The bodies, by their names in the table of endpoints.</summary>
    public static readonly IReadOnlyDictionary<string, string> Bodies = new Dictionary<string, string>
    {
        ["an account"] = """{"username":"FRESH","email":"FRESH@example.org","password":"correct horse"}""",
        ["their password"] = """{"username":"MYNAME","password":"correct horse"}""",
        ["a new password"] = """{"old_password":"correct horse","new_password":"battery staple"}""",
        ["a display name"] = """{"display_name":"Ada Lovelace"}""",
        ["a task"] = """{"task_name":"Water the plants"}""",
        ["a group"] = """{"conversation_type":"group","participant_ids":["OTHER"]}""",
        ["a direct one"] = """{"conversation_type":"direct","participant_ids":["OTHER"]}""",
        ["a message"] = """{"content":"hi"}""",
        ["a place"] = """{"seq":0}""",
        ["new content"] = """{"content":"ho"}""",
        ["the room"] = """{"conversation_ids":["ROOM"]}""",
        ["a name"] = """{"name":"Compilers"}""",
        ["a newcomer"] = """{"identifier":"NEWCOMER"}""",
        ["the caller"] = """{"identifier":"ME"}""",
        ["an invocation"] = """
            {"type":1,"target":"SendMessage","arguments":[{"conversation_id":"ROOM","content":"hi"}]}
            """ + "\u001e",
    };
}
