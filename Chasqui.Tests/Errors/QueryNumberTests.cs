using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Errors;

public sealed class QueryNumberTests(TestServer server) : IClassFixture<TestServer>
{
    [Theory]
    [InlineData("limit=many", "limit")]
    [InlineData("limit=", "limit")]
    [InlineData("Limit=x", "limit")]
    [InlineData("after", "after")]
    [InlineData("limit=99999999999", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("offset=x", "offset")]
    [InlineData("before=1.5", "before")]
    [InlineData("after=99999999999999999999", "after")]
    [InlineData("limit=1&offset=-&after=x", "offset")]
    public async Task AParameterThatIsNoNumberIsRefusedByName(string query, string parameter)
    {
        using var ana = await server.PersonAsync();
        var room = await ana.OpenGroupAsync();

        var problem = await (await ana.Http.GetAsync($"/api/conversations/{room}/messages?{query}")).ReadProblemAsync(400, ErrorCodes.InvalidField);

        Assert.Equal($"The parameter '{parameter}' is missing or has the wrong form", problem.Text("detail"));
    }

    [Fact]
    public async Task QueryDoesNotOverridePathParameter()
    {
        using var ana = await server.PersonAsync();
        var task = await (await ana.PostAsync("/api/tasks", new { task_name = "to do" })).ReadAsync(200);

        await (await ana.Http.PatchAsync($"/api/tasks/{task.Text("uuid")}?uuid=x", content: null)).ReadAsync(200);
    }
}
