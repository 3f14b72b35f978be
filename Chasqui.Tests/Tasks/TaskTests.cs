using System.Text.Json.Nodes;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Tasks;

public abstract class TaskTests(TestServer server)
{
    [Fact]
    public async Task ANewTaskIsOpenAndHasTheDocumentedFields()
    {
        using var person = await server.PersonAsync();
        var task = await AddAsync(person, "Water the plants");

        Assert.Equal(["uuid", "task_name", "completed", "created_at", "updated_at"], task.Fields());
        Rest.IsId("", task.Text("uuid"));
        Assert.Equal("Water the plants", task.Text("task_name"));
        Assert.False(task["completed"]!.GetValue<bool>());
        Rest.IsTime(task.Text("created_at"));
        Assert.Equal(task.Text("created_at"), task.Text("updated_at"));
    }

    [Fact]
    public async Task TasksAreListedOldestFirst()
    {
        using var person = await server.PersonAsync();
        var added = new List<string>();
        // More than are read at once.
        for (var i = 0; i < 450; i++)
        {
            added.Add((await AddAsync(person, $"Task {i}")).Text("uuid"));
        }

        var listed = (await person.GetAsync("/api/tasks")).AsArray().Select(task => task!.Text("uuid")).Where(added.Contains);
        Assert.Equal(added, listed);
    }

    [Fact]
    public async Task TasksAreSharedByAllUsers()
    {
        using var author = await server.PersonAsync();
        using var reader = await server.PersonAsync();
        var task = await AddAsync(author, "Everybody's");

        var listed = (await reader.GetAsync("/api/tasks")).AsArray().Single(t => t!.Text("uuid") == task.Text("uuid"));
        Assert.Equal(task.ToJsonString(), listed!.ToJsonString());
        Assert.True((await PatchAsync(reader, task.Text("uuid"), null))["completed"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("{}", true)]
    [InlineData("""{"completed":true}""", true)]
    [InlineData("""{"completed":false}""", false)]
    public async Task PatchSetsCompleted(string? body, bool completed)
    {
        using var person = await server.PersonAsync();
        var task = await AddAsync(person, "Tick");
        await PatchAsync(person, task.Text("uuid"), completed ? """{"completed":false}""" : null);

        var patched = await PatchAsync(person, task.Text("uuid"), body);

        Assert.Equal(completed, patched["completed"]!.GetValue<bool>());
        Assert.Equal(task.Text("uuid"), patched.Text("uuid"));
        Assert.Equal(task.Text("task_name"), patched.Text("task_name"));
        Assert.Equal(task.Text("created_at"), patched.Text("created_at"));
        Assert.True(Rest.IsTime(patched.Text("updated_at")) >= Rest.IsTime(task.Text("updated_at")));
        var listed = (await person.GetAsync("/api/tasks")).AsArray().Single(t => t!.Text("uuid") == task.Text("uuid"));
        Assert.Equal(patched.ToJsonString(), listed!.ToJsonString());
    }

    [Fact]
    public async Task PatchingWithAnEmptyBodyOfAnotherKindTicksTheTaskOff()
    {
        using var person = await server.PersonAsync();
        var task = await (await person.PostAsync("/api/tasks", new { task_name = "empty" })).ReadAsync(200);
        using var form = new StringContent("", System.Text.Encoding.UTF8, "application/x-www-form-urlencoded");
        Assert.True((await (await person.Http.PatchAsync($"/api/tasks/{task.Text("uuid")}", form)).ReadAsync(200))["completed"]!.GetValue<bool>());

        using var chunks = new StreamContent(Stream.Null);
        chunks.Headers.ContentType = new("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"/api/tasks/{task.Text("uuid")}") { Content = chunks };
        request.Headers.TransferEncodingChunked = true;
        await (await person.Http.SendAsync(request)).ReadAsync(200);
    }

    [Fact]
    public async Task PatchingWithAnEmptyBodyThatSaysItIsJsonTicksTheTaskOff()
    {
        using var person = await server.PersonAsync();
        var task = await AddAsync(person, "Empty");
        Assert.True((await PatchAsync(person, task.Text("uuid"), ""))["completed"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("0195f000-0000-7000-8000-000000000000")]
    [InlineData("nonsense")]
    public async Task PatchingATaskThatIsNotThereIsNotFound(string uuid)
    {
        using var person = await server.PersonAsync();
        await (await person.Http.PatchAsync($"/api/tasks/{uuid}", null)).ReadProblemAsync(404, "task_not_found");
    }

    [Theory]
    [InlineData("""{"completed":"yes"}""")]
    [InlineData("""{"completed":1}""")]
    [InlineData("""{"completed":[true]}""")]
    public async Task CompletedThatIsNoBooleanIsRefused(string body)
    {
        using var person = await server.PersonAsync();
        var task = await AddAsync(person, "Mistyped");
        await (await person.Http.PatchAsync($"/api/tasks/{task.Text("uuid")}", Rest.Json(body))).ReadProblemAsync(400, "invalid_field");
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"task_name":null}""")]
    [InlineData("""{"task_name":""}""")]
    [InlineData("""{"task_name":" \t\n\u3000"}""")]
    [InlineData("""{"task_name":"\u200b\u3164"}""")]
    [InlineData("""{"task_name":"two\nlines"}""")]
    [InlineData("""{"task_name":"turned \u202earound"}""")]
    [InlineData("""{"task_name":"a\u0000b"}""")]
    [InlineData("""{"task_name":7}""")]
    [InlineData("""{"TASK_NAME":"wrong case"}""")]
    public async Task ATaskWithoutANameIsRefused(string body)
    {
        using var person = await server.PersonAsync();
        var problem = await (await person.Http.PostAsync("/api/tasks", Rest.Json(body))).ReadProblemAsync(400, "invalid_field");
        Assert.Contains("task_name", problem.Text("message"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("語")]
    [InlineData("😀")]
    public async Task ATaskNameHasAtMost500Characters(string character)
    {
        using var person = await server.PersonAsync();
        var longest = string.Concat(Enumerable.Repeat(character, 500));

        Assert.Equal(longest, (await AddAsync(person, longest)).Text("task_name"));
        await (await person.PostAsync("/api/tasks", new { task_name = longest + "x" })).ReadProblemAsync(400, "invalid_field");
    }

    [Theory]
    [InlineData("GET", "/api/tasks")]
    [InlineData("POST", "/api/tasks")]
    [InlineData("PATCH", "/api/tasks/0195f000-0000-7000-8000-000000000000")]
    [InlineData("GET", "/api/conversations")]
    [InlineData("POST", "/api/conversations")]
    [InlineData("GET", "/api/conversations/conv:0195f000-0000-7000-8000-000000000000/messages")]
    [InlineData("POST", "/api/conversations/conv:0195f000-0000-7000-8000-000000000000/messages")]
    [InlineData("POST", "/api/conversations/conv:0195f000-0000-7000-8000-000000000000/participants")]
    public async Task EveryEndpointButAccountsNeedsToken(string method, string path)
    {
        using var http = server.Anonymous();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        await (await http.SendAsync(request)).ReadProblemAsync(401, "unauthorized");
    }

    private static async Task<JsonNode> AddAsync(Person person, string name) =>
        await (await person.PostAsync("/api/tasks", new { task_name = name })).ReadAsync(200);

    private static async Task<JsonNode> PatchAsync(Person person, string uuid, string? body) =>
        await (await person.Http.PatchAsync($"/api/tasks/{uuid}", body is null ? null : Rest.Json(body))).ReadAsync(200);
}

public abstract class NoTasksTests(TestServer server)
{
    [Fact]
    public async Task EmptyTaskListIsListed()
    {
        using var person = await server.PersonAsync();
        Assert.Empty((await person.GetAsync("/api/tasks")).AsArray());
    }
}

public sealed class SqliteTaskTests(TestServer server) : TaskTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresTaskTests(PostgresServer server) : TaskTests(server), IClassFixture<PostgresServer>;

public sealed class SqliteNoTasksTests(TestServer server) : NoTasksTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresNoTasksTests(PostgresServer server) : NoTasksTests(server), IClassFixture<PostgresServer>;
